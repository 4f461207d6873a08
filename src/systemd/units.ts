// Runs in the command `tsgun systemd`: makes the text of the systemd units for a config. Pure.

import { listOf } from '../config/settings/list-of.ts'
import { parseAddress, schemeOf } from '../listen/address.ts'
import { isPerSlot } from '../listen/slots.ts'
import type { Settings } from '../config/settings/table.ts'
import { hardening } from './hardening.ts'
import { writablePlaces } from './places.ts'
import { quote, type UnitFacts } from './unit-facts.ts'

/** Returns the name of the unit: `proc_name`, or else the name of the directory. */
export function unitName({ settings, directory }: Pick<UnitFacts, 'settings' | 'directory'>): string {
  const name = (settings.proc_name ?? directory.split('/').at(-1) ?? '')
    .replace(/[^\w:.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
  return name === '' ? 'tsgun' : name
}

export function serviceUnit(facts: UnitFacts): string {
  const name = unitName(facts)
  const command = [facts.node, facts.bin, ...facts.words, ...activatedFlags(facts), ...foregroundFlag(facts)]
  const socket = facts.isActivated ? [`Requires=${name}.socket`, `After=${name}.socket`] : []
  return [
    '[Unit]',
    `Description=${name} (tsgun)`,
    'After=network-online.target',
    'Wants=network-online.target',
    ...socket,
    '# No endless restarts: after five failures within two minutes the unit stays failed.',
    'StartLimitIntervalSec=120',
    'StartLimitBurst=5',
    '',
    '[Service]',
    ...identity(facts.settings),
    `WorkingDirectory=${facts.directory.replaceAll('%', '%%')}`,
    `ExecStart=${command.map(quote).join(' ')}`,
    ...lifecycle(facts.settings),
    '',
    ...writablePlaces(facts),
    ...hardening(facts),
    '',
    '[Install]',
    ...(facts.isActivated ? [`Also=${name}.socket`] : []),
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/**
 * Returns undefined when `bind` has sockets by number or name, whose addresses are not known, or sockets for
 * each slot, which depend on the number of workers.
 */
export function socketUnit(facts: UnitFacts): string | undefined {
  const name = unitName(facts)
  const streams = listOf(facts.settings.bind).map((address) => streamOf(address))
  if (streams.includes(undefined)) return undefined
  return [
    '[Unit]',
    `Description=Sockets of ${name} (tsgun)`,
    '',
    '[Socket]',
    ...streams.map((stream) => `ListenStream=${stream ?? ''}`),
    `Backlog=${facts.settings.backlog}`,
    `SocketMode=${(0o777 & ~facts.settings.umask).toString(8).padStart(4, '0')}`,
    '',
    '[Install]',
    'WantedBy=sockets.target',
    '',
  ].join('\n')
}

function streamOf(bind: string): string | undefined {
  const address = parseAddress(bind)
  if (address.kind === 'fd' || address.kind === 'name' || isPerSlot(address)) return undefined
  if (address.kind === 'unix') return address.path.replaceAll('%', '%%')
  if (address.host === 'localhost') return `127.0.0.1:${address.port}` // systemd does not look up host names
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

/**
 * The flags for the sockets, in the order of the socket unit, from descriptor 3 on (sd_listen_fds(3)). They
 * override `bind` of the config file.
 */
function activatedFlags({ isActivated, settings }: UnitFacts): string[] {
  const addresses = listOf(settings.bind)
  if (!isActivated || addresses.some((address) => streamOf(address) === undefined)) return []
  return addresses.flatMap((address, index) => {
    const scheme = schemeOf(address)
    return ['-b', `${scheme === undefined ? '' : `${scheme}+`}fd://${3 + index}`]
  })
}

/** The process that systemd starts must be the master. */
function foregroundFlag({ settings }: UnitFacts): string[] {
  return settings.daemon ? ['--daemon=false'] : []
}

function identity({ user }: Settings): string[] {
  if (user !== null) return ['# The master runs as root; the workers run as the `user` of the config.']
  return [
    '# Set a user that can read the project. Without one the service runs as root.',
    '#User=',
    '#Group=',
  ]
}

/** Seconds for the master itself, added to the time that the settings allow. */
const margin = 15

function lifecycle(settings: Settings): string[] {
  const { boot_timeout, drain_delay, graceful_timeout, hook_timeout } = settings
  const end = drain_delay + graceful_timeout
  const start = boot_timeout === 0 ? 'infinity' : String(Math.ceil(boot_timeout + hook_timeout + margin))
  return [
    '# Started when the workers serve. From systemd 253 on, Type=notify-reload can replace ExecReload=.',
    'Type=notify',
    'NotifyAccess=main',
    'ExecReload=/bin/kill -HUP $MAINPID',
    '# TERM goes to the master only, which stops its workers. After TimeoutStopSec= all are killed.',
    'KillMode=mixed',
    `TimeoutStartSec=${start}`,
    `TimeoutStopSec=${Math.ceil(end + hook_timeout + margin)}`,
    '# Longer than a stop: in an upgrade the new master notifies only after the old one has exited.',
    `WatchdogSec=${Math.max(60, Math.ceil(end + 30))}`,
    'Restart=on-failure',
    'RestartSec=1',
    '# A worker that the OOM killer ends is replaced; the service keeps running.',
    'OOMPolicy=continue',
    'LimitNOFILE=65536',
    'Environment=NODE_ENV=production',
  ]
}
