// Settings of the section `workers`: the workers. Used by the arbiter and the command line.

import { z } from 'zod'
import { setting } from './row.ts'
import { seconds } from './common.ts'

/** What the first line of a request can hold: no space, no control character, nothing beyond ASCII. */
const requestPath = z.string().regex(/^\/[!-~]*$/)

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
      'How many worker processes serve. `"auto"` is one for each processor that this process may use, ' +
      'honouring the CPU quota of its cgroup.',
  }),
  worker_class: setting({
    section: 'workers',
    schema: z.literal('async'),
    default: 'async',
    flag: '-k, --worker-class <name>',
    expects: '"async"',
    doc: 'How a worker serves. `"async"` is the Node.js event loop: many requests at a time.',
  }),
  worker_connections: setting({
    section: 'workers',
    schema: z.int().min(1),
    default: 1000,
    flag: '--worker-connections <number>',
    text: 'number',
    expects: 'a whole number of 1 or more',
    doc:
      'The most connections that one worker has open. A worker at its limit stops accepting, and the ' +
      'next connection goes to another worker or waits in the backlog.',
  }),
  keepalive: setting({
    section: 'workers',
    schema: seconds,
    default: 2,
    flag: '--keep-alive <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long an idle connection stays open for its next request. 0 closes after each response. ' +
      'Behind a proxy or load balancer that keeps connections open, set it above their idle time.',
  }),
  health_check: setting({
    section: 'workers',
    schema: z.union([requestPath, z.null()]),
    default: null,
    flag: '--health-check <path>',
    expects: 'a path that begins with "/", or null',
    doc:
      'A path of the app, such as `"/healthz"`, that a new worker is asked for before it serves: ' +
      'without a connection from outside, with `Host: localhost`, in no log and no count. Until it ' +
      'answers with 2xx it is asked again, for 10 seconds or until `boot_timeout`; then the worker ' +
      'fails to boot, and a reload with it.',
  }),
} as const
