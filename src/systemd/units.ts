// Runs in the command `tsgun systemd`: the units of systemd for a config. Pure: facts in, text out.

import { listOf } from '../config/settings/list-of.ts'
import { parseAddress } from '../listen/address.ts'
import type { Settings } from '../config/settings/table.ts'
import { hardening } from './hardening.ts'
import { writablePlaces } from './places.ts'
import { quote } from './unit-text.ts'

export interface UnitFacts {
  readonly node: string
  readonly bin: string
  /** The words of the command line that the server is to be started with. */
  readonly words: readonly string[]
  /** Where it is started. */
  readonly directory: string
  readonly settings: Settings
  /** The sockets are systemd's. */
  readonly isActivated: boolean
}

/** The name of the unit: of the process, or of the directory. */
export function unitName({ settings, directory }: Pick<UnitFacts, 'settings' | 'directory'>): string {
  const name = (settings.proc_name ?? directory.split('/').at(-1) ?? '')
    .replace(/[^\w:.-]+/g, '-')
    .replace(/^[-.]+|-+$/g, '')
  return name === '' ? 'tsgun' : name
}

export function serviceUnit(facts: UnitFacts): string {
  const name = unitName(facts)
  const command = [facts.node, facts.bin, ...facts.words, ...activated(facts), ...inForeground(facts)]
  const socket = facts.isActivated ? [`Requires=${name}.socket`, `After=${name}.socket`] : []
  return [
    '[Unit]',
    `Description=${name} (tsgun)`,
    'After=network-online.target',
    'Wants=network-online.target',
    ...socket,
    '# Not restarted for ever: five failures within two minutes are one that a person has to look at.',
    'StartLimitIntervalSec=120',
    'StartLimitBurst=5',
    '',
    '[Service]',
    ...identity(facts.settings),
    `WorkingDirectory=${facts.directory.replaceAll('%', '%%')}`,
    `ExecStart=${command.map(quote).join(' ')}`,
    ...life(facts.settings),
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

/** Undefined when the config takes sockets by number: it does not say where they listen. */
export function socketUnit(facts: UnitFacts): string | undefined {
  const name = unitName(facts)
  const streams = listOf(facts.settings.bind).map((address) => streamOf(address))
  if (streams.includes(undefined)) return undefined
  return [
    '[Unit]',
    `Description=The sockets of ${name} (tsgun)`,
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
  if (address.kind === 'fd' || address.kind === 'name') return undefined
  if (address.kind === 'unix') return address.path.replaceAll('%', '%%')
  if (address.host === 'localhost') return `127.0.0.1:${address.port}` // systemd looks up no names
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

/**
 * The sockets in the order of the unit, from descriptor 3 on (sd_listen_fds(3)); they overrule `bind` of the
 * config file.
 */
function activated({ isActivated, settings }: UnitFacts): string[] {
  const addresses = listOf(settings.bind)
  if (!isActivated || addresses.some((address) => streamOf(address) === undefined)) return []
  return addresses.flatMap((_, index) => ['-b', `fd://${3 + index}`])
}

/** The process that systemd starts has to be the master. */
function inForeground({ settings }: UnitFacts): string[] {
  return settings.daemon ? ['--daemon=false'] : []
}

function identity({ user }: Settings): string[] {
  if (user !== null)
    return ['# The master stays root: the config gives its workers to another user (`user`).']
  return [
    '# A user of its own, who may read the project: without one the service runs as root.',
    '#User=',
    '#Group=',
  ]
}

/** Seconds beyond what the settings allow, for the master itself. */
const margin = 15

function life(settings: Settings): string[] {
  const { boot_timeout, drain_delay, graceful_timeout, hook_timeout } = settings
  const end = drain_delay + graceful_timeout
  const start = boot_timeout === 0 ? 'infinity' : String(Math.ceil(boot_timeout + hook_timeout + margin))
  return [
    '# Started is it when its workers serve. From systemd 253 on: Type=notify-reload, without ExecReload=.',
    'Type=notify',
    'NotifyAccess=main',
    'ExecReload=/bin/kill -HUP $MAINPID',
    '# TERM is for the master alone, which ends its workers; what is left after TimeoutStopSec= is killed.',
    'KillMode=mixed',
    `TimeoutStartSec=${start}`,
    `TimeoutStopSec=${Math.ceil(end + hook_timeout + margin)}`,
    '# Fed while a worker beats. More than a stop takes: at an upgrade the new master feeds it when ' +
      'the old one has gone.',
    `WatchdogSec=${Math.max(60, Math.ceil(end + 30))}`,
    'Restart=on-failure',
    'RestartSec=1',
    '# A worker that the kernel kills for want of memory is replaced; it does not end the service.',
    'OOMPolicy=continue',
    'LimitNOFILE=65536',
    'Environment=NODE_ENV=production',
  ]
}
