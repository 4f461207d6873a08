// The setting `services` of the section `compute`: what runs beside the app, each in a pool of its own. Used
// by the arbiter and the command line.

import * as z from 'zod'
import { text } from './common.ts'
import { http2Settings } from './http2.ts'
import { limitsSettings } from './limits.ts'
import { logsSettings } from './logs.ts'
import { mechanicsSettings } from './mechanics.ts'
import { proxiesSettings } from './proxies.ts'
import { recycleSettings } from './recycle.ts'
import { setting, type Parts } from './row.ts'
import { socketSettings } from './socket.ts'
import { timeSettings } from './time.ts'
import { whatSettings } from './what.ts'
import { workersSettings } from './workers.ts'

const { bind } = socketSettings
const { app, env, node_args, import: modules } = whatSettings
const { workers, worker_class, threads, worker_connections, keepalive, health_check } = workersSettings
const { user, group, initgroups } = mechanicsSettings
const { timeout, boot_timeout, request_timeout, watchdog, graceful_timeout, hook_timeout } = timeSettings
const { accesslog, errorlog, applog, loglevel, log_format, access_log_format, capture_output } = logsSettings

/** Settings of the server that a service may have with another value. */
const ofPool = {
  app,
  bind,
  workers,
  worker_class,
  threads,
  worker_connections,
  keepalive,
  health_check,
  env,
  user,
  group,
  initgroups,
  node_args,
  import: modules,
  timeout,
  boot_timeout,
  request_timeout,
  watchdog,
  graceful_timeout,
  hook_timeout,
  ...recycleSettings,
  ...limitsSettings,
  ...proxiesSettings,
  ...http2Settings,
  accesslog,
  errorlog,
  applog,
  loglevel,
  log_format,
  access_log_format,
  capture_output,
} as const

export type PoolSettingName = keyof typeof ofPool

// the keys of the table
export const poolSettingNames = Object.keys(ofPool) as readonly PoolSettingName[]

const mostInstances = 64
const signals = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGKILL'] as const

/** When a foreign program is ready. */
export const readyParts = {
  port: {
    expects: 'a port, or "host:port"',
    doc: 'It is ready when this TCP port accepts a connection. A port alone is one of 127.0.0.1.',
  },
  file: {
    expects: 'the path of a file',
    unit: 'file',
    doc: 'It is ready when this file exists, for example its unix socket. The path starts at `chdir`.',
  },
  line: {
    expects: 'text',
    doc: 'It is ready when a line of its output contains this text.',
  },
  notify: {
    expects: 'true',
    doc: 'It is ready when it sends `READY=1`, as sd_notify(3) does: it gets NOTIFY_SOCKET.',
  },
} as const satisfies Parts

export const lockParts = {
  url: {
    expects: 'a URL such as "redis://host:6379"',
    doc: 'Where the lock is: `redis://` or, with TLS, `rediss://`. It is not shown in logs.',
  },
  key: {
    expects: 'text',
    doc: 'The name of the lock. Two deployments with one Redis need two. Default: "tsgun:" and the name.',
  },
  time: {
    expects: 'seconds from 3 to 3600',
    unit: 'seconds',
    default: 15,
    doc: 'How long it is held when the process that has it cannot renew it any more.',
  },
} as const satisfies Parts

/** The parts of a service that are no settings of the server. */
const ownParts = {
  run: {
    expects: 'the path of a module',
    unit: 'file',
    doc:
      'Instead of `app`: a module whose `start({ signal, log })` runs, without an address. Its promise ' +
      'settles after `signal`. TypeScript needs no build.',
  },
  command: {
    expects: 'a program with its arguments, as a list or as text',
    doc:
      'Instead of `app`: another program, such as `["python3", "feed.py"]`. Text is split as a shell ' +
      'splits it; no shell runs.',
  },
  instances: {
    expects: `a whole number from 1 to ${mostInstances}`,
    default: 1,
    doc: 'With `run` or `command`: how many processes run.',
  },
  handover: {
    expects: '"stop-first" or "start-first"',
    default: 'stop-first',
    doc:
      'With `run` or `command`: whether an instance ends before the one that replaces it starts, so that ' +
      'no two run at once, or after it.',
  },
  lock: {
    expects: 'a URL such as "redis://host:6379", or { url, key, time }',
    doc:
      'With `run`: a lock in Redis, so that over several machines only one process of an instance runs. ' +
      'Needs the package redis. See docs/run/services.md.',
    parts: lockParts,
  },
  ready: {
    expects: '{ port }, { file }, { line } or { notify: true }',
    doc: 'With `command`: when it is ready. Without it: as soon as it is started.',
    parts: readyParts,
  },
  stop_signal: {
    expects: signals.map((name) => `"${name}"`).join(', '),
    default: 'SIGTERM',
    doc: 'With `command`: the signal that asks it to end. After `graceful_timeout` comes SIGKILL.',
  },
  after: {
    expects: 'a list of names of services',
    default: [],
    doc:
      'The services that it needs: they are ready before it starts, and end after it. "web" is the app of ' +
      'the server.',
  },
  reload: {
    expects: '"always" or "changed"',
    default: 'always',
    doc:
      'Whether each reload replaces its processes, or only one that changes its settings, its environment ' +
      'or its code. See docs/run/services.md.',
  },
  critical: {
    expects: 'true or false',
    default: false,
    doc: 'Whether the server ends, with exit code 5, when this service cannot be kept alive.',
  },
} as const satisfies Parts

/** Every part of a service. */
export const serviceParts: Parts = {
  ...ownParts,
  ...Object.fromEntries(
    Object.entries(ofPool).map(([name, { expects, doc, ...row }]) => {
      const { unit, parts } = row as { unit?: Parts[string]['unit']; parts?: Parts }
      return [name, { expects, doc, ...(unit && { unit }), ...(parts && { parts }) }]
    }),
  ),
}

const port = z.int().min(1).max(65_535)

/** `host:port` */
function isPlace(value: string): boolean {
  const number = /^\S+:(\d{1,5})$/.exec(value)?.[1]
  return number !== undefined && port.safeParse(Number(number)).success
}

const ready = z
  .strictObject({
    port: z.union([port, z.string().refine(isPlace)]).optional(),
    file: text.optional(),
    line: text.optional(),
    notify: z.literal(true).optional(),
  })
  .refine((value) => Object.keys(value).length === 1, 'one of its parts')

const lock = z.strictObject({
  url: text,
  key: text.optional(),
  time: z.number().min(3).max(3600).default(lockParts.time.default),
})

type OptionalSchemas<Rows extends Readonly<Record<string, { readonly schema: z.ZodType }>>> = {
  readonly [Name in keyof Rows]: z.ZodOptional<Rows[Name]['schema']>
}

// one schema for each row
const poolSchemas = Object.fromEntries(
  Object.entries(ofPool).map(([name, row]) => [name, row.schema.optional()]),
) as OptionalSchemas<typeof ofPool>

const schema = z.strictObject({
  run: text.optional(),
  command: z.union([text, z.array(text).min(1)]).optional(),
  instances: z.int().min(1).max(mostInstances).default(ownParts.instances.default),
  handover: z.enum(['stop-first', 'start-first']).default(ownParts.handover.default),
  lock: z.union([text, lock]).optional(),
  ready: ready.optional(),
  stop_signal: z.enum(signals).default(ownParts.stop_signal.default),
  after: z.array(text).default([...ownParts.after.default]),
  reload: z.enum(['always', 'changed']).default(ownParts.reload.default),
  critical: z.boolean().default(ownParts.critical.default),
  ...poolSchemas,
})

type Services = Readonly<Record<string, z.output<typeof schema>>>

/** The passwords in the URLs of locks are left out. */
function withoutPasswords(services: Services): unknown {
  const shown = (url: string): string => url.replace(/(\/\/[^/\s"@:]*:)[^/\s"@]+@/, '$1***@')
  return Object.fromEntries(
    Object.entries(services).map(([name, { lock: given, ...service }]) => {
      if (given === undefined) return [name, service]
      const lock = typeof given === 'string' ? shown(given) : { ...given, url: shown(given.url) }
      return [name, { ...service, lock }]
    }),
  )
}

export const servicesSetting = setting({
  section: 'compute',
  schema: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/i), schema),
  default: {},
  conceal: withoutPasswords,
  parts: {
    '*': {
      expects: '{ app, bind, … }, { run, … } or { command, … }',
      doc: 'A service by its name. What it leaves out of the settings of a pool comes from the top level.',
      parts: serviceParts,
    },
  },
  expects:
    'an object with a part { app, bind }, { run } or { command } for each service; a name has letters, ' +
    'digits, "-" and "_", at most 32',
  doc:
    'What runs beside the app under the same master, log and reload, by name: another app with an address ' +
    'of its own (`{ live: { app: "./live.ts", bind: "127.0.0.1:8001", workers: 1 } }`), a module that runs ' +
    'once (`{ poller: { run: "./poller.ts" } }`), or another program (`{ feed: { command: ["python3", ' +
    '"feed.py"] } }`). The app of the server is the service "web". See docs/run/services.md.',
})
