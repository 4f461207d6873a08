// Settings of the section `workers`. Used by the arbiter and the command line.

import * as z from 'zod'
import { classNames, classSettingProblem, expectedClass } from '../app/worker-class-setting.ts'
import { setting } from './row.ts'
import { seconds, text } from './common.ts'

/** What the first line of a request can contain: ASCII without spaces and control characters. */
const requestPath = z.string().regex(/^\/[!-~]*$/)

/** Any other text; as this type, so that an editor still completes the names. */
const classModule: z.ZodType<string & {}, string & {}> = text.superRefine((value, context) => {
  const problem = classSettingProblem(value)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

export const workersSettings = {
  workers: setting({
    section: 'workers',
    schema: z.union([z.int().min(1).max(1024), z.literal('auto')]),
    default: (environment) => {
      const value = environment['WEB_CONCURRENCY']
      return value ? (/^\d+$/.test(value) ? Number(value) : value) : 1
    },
    variable: 'WEB_CONCURRENCY',
    defaultText: '`1`, or `$WEB_CONCURRENCY`',
    flag: '-w, --workers <number>',
    text: 'number',
    expects: 'a whole number from 1 to 1024, or "auto"',
    doc:
      'Number of worker processes. `"auto"` starts one per CPU that this process may use, within the ' +
      'CPU quota of its cgroup.',
  }),
  worker_class: setting({
    section: 'workers',
    schema: z.union([z.enum(classNames), classModule]),
    default: 'async',
    flag: '-k, --worker-class <name>',
    expects: expectedClass,
    doc:
      'How a worker serves requests. `"async"` is the Node.js event loop: many concurrent requests per ' +
      'worker. `"sync"` is one request at a time, for code that cannot work on two: a busy worker accepts ' +
      'nothing, each response ends its connection, and WebSockets are refused. `"threads"` is several ' +
      'event loops in one process (`threads`), each with its own copy of the app ' +
      '(docs/understand/worker-classes.md). Any other value is the module of a class of your own, as ' +
      '`"module"` or `"module:export"`, from `chdir` (docs/run/own-worker-class.md).',
  }),
  threads: setting({
    section: 'workers',
    schema: z.union([z.int().min(1).max(64), z.literal('auto')]),
    default: 'auto',
    flag: '--threads <number>',
    text: 'number',
    expects: 'a whole number from 1 to 64, or "auto"',
    doc:
      'Number of threads of each worker that serve the app, with `worker_class: "threads"` only. `"auto"`: ' +
      'the CPUs that this process may use, divided by the number of workers. `worker_connections` is ' +
      'divided among them.',
  }),
  worker_connections: setting({
    section: 'workers',
    schema: z.int().min(1),
    default: 1000,
    flag: '--worker-connections <number>',
    text: 'number',
    expects: 'a whole number of 1 or more',
    doc:
      'Maximum number of open connections per worker. A worker at this limit stops accepting; the next ' +
      'connection goes to another worker or waits in the backlog.',
  }),
  keepalive: setting({
    section: 'workers',
    unit: 'seconds',
    schema: seconds,
    default: 2,
    flag: '--keep-alive <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long an idle connection stays open for its next request. 0 closes it after each response. ' +
      "Behind a proxy or load balancer that keeps connections open, set it above the proxy's idle " +
      'timeout.',
  }),
  health_check: setting({
    section: 'workers',
    schema: z.union([requestPath, z.null()]),
    default: null,
    flag: '--health-check <path>',
    expects: 'a path that begins with "/", or null',
    doc:
      'Path requested inside each new worker before it accepts connections. Not logged or counted. The ' +
      'request has `Host: localhost` and is repeated until the app responds with 2xx, for 10 seconds ' +
      'or until `boot_timeout`; after that the worker fails to boot, and a reload fails with it. ' +
      'Example: `"/healthz"`.',
  }),
} as const
