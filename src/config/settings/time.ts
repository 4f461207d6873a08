// Settings of the section `time`: time limits, all in seconds. Used by the arbiter and the command line.

import { z } from 'zod'
import { setting } from './row.ts'
import { seconds } from './common.ts'

export const timeSettings = {
  timeout: setting({
    section: 'time',
    schema: seconds,
    default: 30,
    flag: '-t, --timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'A worker whose event loop is silent for this long is aborted and replaced. It does not limit a ' +
      'request that waits. 0 turns it off.',
  }),
  boot_timeout: setting({
    section: 'time',
    schema: seconds,
    default: 60,
    flag: '--boot-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long a worker may take from its start until it serves: loading the app, `startup()` and ' +
      'hooks included. 0 turns the limit off.',
  }),
  request_timeout: setting({
    section: 'time',
    schema: seconds,
    default: 0,
    flag: '--request-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long a request may take, from its head to the end of its response. After that its client ' +
      'gets a 503, or the end of the connection if the response has begun, and `req.signal` fires. 0 ' +
      'turns it off.',
  }),
  watchdog: setting({
    section: 'time',
    schema: z.boolean(),
    default: true,
    flag: '--watchdog [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether each worker has a thread that tells, when the worker is stuck, where: the stack, the ' +
      'requests in flight, the memory, see docs/stuck-workers.md. It costs about 10 MB of memory for ' +
      'each worker. Without it a stuck worker is killed and replaced all the same, but nobody learns ' +
      'why, and `worker_abort` runs only if the event loop turns again.',
  }),
  graceful_timeout: setting({
    section: 'time',
    schema: seconds,
    default: 30,
    flag: '--graceful-timeout <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc: 'How long a worker that is to go may finish its requests. What is open after that is closed.',
  }),
  drain_delay: setting({
    section: 'time',
    schema: seconds,
    default: 0,
    flag: '--drain-delay <seconds>',
    text: 'number',
    expects: 'seconds, 0 or more',
    doc:
      'How long a server that was told to stop gracefully serves on as before, while the path of ' +
      '`health_check` fails already, so that balancers send their requests elsewhere before the ' +
      'drain begins. Not at a reload. The time that a service manager allows for a stop has to be ' +
      'more than `drain_delay` and `graceful_timeout` together.',
  }),
  hook_timeout: setting({
    section: 'time',
    schema: z.number().positive().max(86_400),
    default: 30,
    flag: '--hook-timeout <seconds>',
    text: 'number',
    expects: 'seconds, more than 0',
    doc: 'How long an async hook may take before the server stops waiting for it.',
  }),
} as const
