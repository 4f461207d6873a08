// Settings of the section `time`: timeouts in seconds. Used by the arbiter and the command line.

import * as z from 'zod'
import { setting } from './row.ts'
import { seconds } from './common.ts'

export const timeSettings = {
  timeout: setting({
    section: 'time',
    unit: 'seconds',
    schema: seconds,
    default: 30,
    flag: '-t, --timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'Abort and replace a worker whose event loop is blocked for this long. It does not limit ' +
      'requests that wait, see `request_timeout`. 0 disables it.',
  }),
  boot_timeout: setting({
    section: 'time',
    unit: 'seconds',
    schema: seconds,
    default: 60,
    flag: '--boot-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'Maximum time from the start of a worker until it is ready, including loading the app, ' +
      '`startup()` and hooks. 0 disables it.',
  }),
  request_timeout: setting({
    section: 'time',
    unit: 'seconds',
    schema: seconds,
    default: 0,
    flag: '--request-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'Maximum time for a request, from its headers to the end of its response. After that the client ' +
      'receives a 503, or the connection is closed if the response has started, and `req.signal` is ' +
      'aborted. 0 disables it.',
  }),
  watchdog: setting({
    section: 'time',
    schema: z.boolean(),
    default: true,
    flag: '--watchdog [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether each worker has a watchdog thread that reports where a stuck worker hangs. The report ' +
      'has the stack, the requests in flight and the memory (docs/understand/stuck-workers.md). The ' +
      'thread costs about 10 MB of memory per worker. Without it a stuck worker is still killed and ' +
      'replaced, but the log does not say why, and `worker_abort` runs only if the event loop turns ' +
      'again.',
  }),
  graceful_timeout: setting({
    section: 'time',
    unit: 'seconds',
    schema: seconds,
    default: 30,
    flag: '--graceful-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long a stopping worker may take to finish its requests. Connections that are still open ' +
      'after that are closed.',
  }),
  drain_delay: setting({
    section: 'time',
    unit: 'seconds',
    schema: seconds,
    default: 0,
    flag: '--drain-delay <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long the server keeps serving after a graceful stop was requested. During this time the ' +
      'path of `health_check` fails, so that load balancers stop sending requests before the drain ' +
      'begins. Not used at a reload. The stop timeout of the service manager must be more than ' +
      '`drain_delay` and `graceful_timeout` together.',
  }),
  hook_timeout: setting({
    section: 'time',
    unit: 'seconds',
    schema: z.number().positive().max(86_400),
    default: 30,
    flag: '--hook-timeout <seconds>',
    text: 'number',
    expects: 'seconds, more than 0',
    doc: 'How long an async hook may take before the server stops waiting for it.',
  }),
} as const
