// Runs in the command `tsgun systemd`: the sandboxing of the service. Pure. MemoryDenyWriteExecute= is left
// out, because V8 compiles to machine code at run time.

import { listOf } from '../config/settings/list-of.ts'
import { parseAddress } from '../listen/address.ts'
import { isInTmp } from './places.ts'
import type { UnitFacts } from './unit-facts.ts'

const always = [
  'NoNewPrivileges=yes',
  'ProtectSystem=strict',
  'PrivateDevices=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'UMask=0027',
  'RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallErrorNumber=EPERM',
] as const

export function hardening(facts: UnitFacts): string[] {
  const { settings, isActivated } = facts
  const changesUser = settings.user !== null || settings.group !== null
  const bindsLow = !isActivated && listOf(settings.bind).some(isLowPort)
  const capabilities = [
    ...(bindsLow ? ['CAP_NET_BIND_SERVICE'] : []),
    ...(changesUser ? ['CAP_SETUID', 'CAP_SETGID', 'CAP_CHOWN', 'CAP_KILL', 'CAP_DAC_OVERRIDE'] : []),
  ]
  return [
    ...always,
    ...(changesUser ? [] : ['SystemCallFilter=~@privileged']),
    `ProtectHome=${isAtHome(facts) ? 'read-only' : 'yes'}`,
    ...(isInTmp(facts) ? [] : ['PrivateTmp=yes']),
    `CapabilityBoundingSet=${capabilities.join(' ')}`,
    ...(bindsLow && !changesUser ? ['AmbientCapabilities=CAP_NET_BIND_SERVICE'] : []),
  ]
}

/** Ports below 1024 need CAP_NET_BIND_SERVICE (ip(7)). */
function isLowPort(bind: string): boolean {
  const address = parseAddress(bind)
  return address.kind === 'tcp' && address.port > 0 && address.port < 1024
}

/** Whether the service must be able to read home directories. */
function isAtHome({ node, bin, directory }: UnitFacts): boolean {
  return [node, bin, directory].some((place) => /^\/(home|root)\//.test(`${place}/`))
}
