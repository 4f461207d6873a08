// Every request to the control socket, in one table: used by the server, by `tsgunctl` and by its docs page.
// Runs in the arbiter and in `tsgunctl`; pure, and imports nothing, so that it loads fast.

/** One field of a request: of the query of a GET, of the JSON body of a POST. */
export interface Field {
  /** Its type; in a query a flag is 1 or 0. */
  readonly kind: 'number' | 'text' | 'flag'
  /** Completes the sentence "expected …". */
  readonly expects: string
  readonly required: boolean
  readonly doc: string
  /** The option of `tsgunctl`; a field without one is an argument. */
  readonly option?: string
  /** `tsgunctl` does it; it is not in the request. */
  readonly isLocal?: boolean
}

export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly does: string
  readonly fields: Readonly<Record<string, Field>>
  /** Completes the sentence "wait …" about `?wait=1`; null for a command that completes at once. */
  readonly waits: string | null
}

export const routes = {
  status: {
    method: 'GET',
    path: '/status',
    does: 'Shows the state of the server.',
    fields: {},
    waits: null,
  },
  workers: {
    method: 'GET',
    path: '/workers',
    does: 'Lists the workers.',
    fields: {},
    waits: null,
  },
  reload: {
    method: 'POST',
    path: '/reload',
    does: 'Loads the current config, hooks and app and replaces the workers one at a time, as HUP does.',
    fields: {},
    waits: 'until the new generation serves or the reload has failed',
  },
  rotate: {
    method: 'POST',
    path: '/rotate',
    does: 'Rotates the log files now. Empty files, and logs that are not files, are skipped.',
    fields: {
      log: {
        kind: 'text',
        expects: '"access", "error", "app" or "all"',
        required: false,
        doc: 'Which log to rotate. Default: all.',
      },
    },
    waits: null,
  },
  reopen: {
    method: 'POST',
    path: '/reopen',
    does: 'Reopens the log files, as USR1 does, after another program has renamed them.',
    fields: {},
    waits: null,
  },
  logs: {
    method: 'GET',
    path: '/logs',
    does: 'Shows the latest records of the logs and, if you follow, those to come.',
    fields: {
      log: {
        kind: 'text',
        expects: '"access", "error" or "app"',
        required: false,
        doc: 'One of the logs. Default: all.',
      },
      follow: {
        kind: 'flag',
        option: '-f, --follow',
        expects: 'true or false',
        required: false,
        doc: 'Go on with new records until the server exits.',
      },
      service: {
        kind: 'text',
        option: '--service <name>',
        expects: 'the name of a service or schedule',
        required: false,
        doc: 'Only records of a service or schedule, and those of the master about it.',
      },
      worker: {
        kind: 'number',
        option: '--worker <nr>',
        expects: 'the number of a worker, from 0',
        required: false,
        doc: 'Only records of this process, and those of the master about it. Default service: "web".',
      },
      level: {
        kind: 'text',
        option: '--level <level>',
        isLocal: true,
        expects: '"trace", "debug", "info", "warn", "error" or "fatal"',
        required: false,
        doc: 'Only records of this level and above. Leaves out the access log, which has no levels.',
      },
      grep: {
        kind: 'text',
        option: '--grep <regexp>',
        isLocal: true,
        expects: 'a regular expression',
        required: false,
        doc: 'Only records that match this regular expression of JavaScript, in any of their lines.',
      },
      lines: {
        kind: 'number',
        option: '-n, --lines <count>',
        isLocal: true,
        expects: 'a whole number from 0',
        required: false,
        doc: 'The number of latest records. Default: 10.',
      },
    },
    waits: null,
  },
  scale: {
    method: 'POST',
    path: '/scale',
    does: 'Changes the number of workers until the next reload, as TTIN and TTOU do.',
    fields: {
      service: {
        kind: 'text',
        expects: 'the name of a service',
        required: false,
        doc: 'The service. Default: "web", the app of the server.',
      },
      workers: {
        kind: 'number',
        expects: 'a whole number from 1 to 1024',
        required: true,
        doc: 'The number of workers.',
      },
    },
    waits: null,
  },
  schedules: {
    method: 'GET',
    path: '/schedules',
    does: 'Lists the schedules, with their last runs.',
    fields: {},
    waits: null,
  },
  run: {
    method: 'POST',
    path: '/run',
    does: 'Runs a schedule now.',
    fields: {
      schedule: {
        kind: 'text',
        expects: 'the name of a schedule',
        required: true,
        doc: 'The schedule.',
      },
    },
    waits: null,
  },
  restart: {
    method: 'POST',
    path: '/restart',
    does: 'Replaces the processes of one service, one at a time, without loading the config again.',
    fields: {
      service: {
        kind: 'text',
        expects: 'the name of a service',
        required: true,
        doc: 'The service; "web" is the app of the server.',
      },
    },
    waits: null,
  },
  upgrade: {
    method: 'POST',
    path: '/upgrade',
    does: 'Starts a new master with the same sockets, as USR2 does, for example of a new version.',
    fields: {},
    waits: 'until the new master serves or the upgrade has failed',
  },
  stop: {
    method: 'POST',
    path: '/stop',
    does: 'Stops the server: gracefully as TERM does, or with `quick` as INT does.',
    fields: {
      quick: {
        kind: 'flag',
        option: '--quick',
        expects: 'true or false',
        required: false,
        doc: 'Stop at once: requests in progress are aborted.',
      },
    },
    waits: 'until the server has exited',
  },
} as const satisfies Readonly<Record<string, Route>>

export type Command = keyof typeof routes
/** The commands that change the server; each is an order to the arbiter. */
export type OrderCommand = {
  [Name in Command]: (typeof routes)[Name]['method'] extends 'POST' ? Name : never
}[Command]

export const commands = Object.keys(routes) as Command[] // the table's own keys
