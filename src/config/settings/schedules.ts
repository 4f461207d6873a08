// The settings `schedules` and `schedules_file` of the section `compute`. Used by the arbiter and the command
// line.

import * as z from 'zod'
import { seconds, text } from './common.ts'
import { destinationParts } from './log-parts.ts'
import { logsSettings } from './logs.ts'
import { mechanicsSettings } from './mechanics.ts'
import { setting, type Parts } from './row.ts'
import { timeSettings } from './time.ts'
import { whatSettings } from './what.ts'

const { env, node_args } = whatSettings
const { user, group, initgroups } = mechanicsSettings
const { boot_timeout, graceful_timeout } = timeSettings
const { errorlog, applog, loglevel } = logsSettings

/** The parts of a schedule. */
export const scheduleParts = {
  cron: {
    expects: 'a cron expression such as "0 3 * * *" or "@hourly"',
    doc:
      'When it runs: minute, hour, day of the month, month and day of the week; with six fields the first ' +
      'one is the second.',
  },
  timezone: {
    expects: 'the name of a time zone such as "Europe/Berlin", or null',
    default: null,
    doc: 'The time zone of `cron`. null: that of the master (TZ).',
  },
  run: {
    expects: 'the path of a module',
    unit: 'file',
    doc:
      'The module whose exported `run({ signal, log, time })` runs, in a process of its own. The path ' +
      'starts at `chdir`; TypeScript needs no build.',
  },
  overlap: {
    expects: '"skip", "queue" or "kill"',
    default: 'skip',
    doc:
      'What happens at a time at which the run before still runs: the new one is left out, waits, or takes ' +
      'its place. There are never two at once.',
  },
  missed: {
    expects: '"skip" or "once"',
    default: 'skip',
    doc:
      'What happens after times at which no run could start, because the server was down or the machine ' +
      'slept: nothing but a record in the log, or one run that makes them good.',
  },
  timeout: {
    expects: 'seconds, 0 or more',
    unit: 'seconds',
    default: 0,
    doc: 'How long a run may take. Then it is ended, as at a stop of the server. 0 means no limit.',
  },
  env: {
    expects: env.expects,
    doc: 'Variables of its process, added to those of the server.',
    parts: { '*': { expects: 'text', doc: 'The value of this variable.' } },
  },
  node_args: { expects: node_args.expects, doc: 'Flags of Node.js, instead of those of the server.' },
  boot_timeout: { expects: boot_timeout.expects, unit: 'seconds', doc: 'Instead of that of the server.' },
  graceful_timeout: {
    expects: graceful_timeout.expects,
    unit: 'seconds',
    doc: 'Instead of that of the server.',
  },
  user: { expects: user.expects, doc: 'Instead of that of the server.' },
  group: { expects: group.expects, doc: 'Instead of that of the server.' },
  initgroups: { expects: initgroups.expects, doc: 'Instead of that of the server.' },
  errorlog: { expects: errorlog.expects, doc: 'Instead of that of the server.', parts: destinationParts },
  applog: { expects: applog.expects, doc: 'Instead of that of the server.', parts: destinationParts },
  loglevel: { expects: loglevel.expects, doc: 'Instead of that of the server.' },
} as const satisfies Parts

const schema = z.strictObject({
  cron: text,
  timezone: z.union([text, z.null()]).default(scheduleParts.timezone.default),
  run: text,
  overlap: z.enum(['skip', 'queue', 'kill']).default(scheduleParts.overlap.default),
  missed: z.enum(['skip', 'once']).default(scheduleParts.missed.default),
  timeout: seconds.default(scheduleParts.timeout.default),
  env: env.schema.optional(),
  node_args: node_args.schema.optional(),
  boot_timeout: boot_timeout.schema.optional(),
  graceful_timeout: graceful_timeout.schema.optional(),
  user: user.schema.optional(),
  group: group.schema.optional(),
  initgroups: initgroups.schema.optional(),
  errorlog: errorlog.schema.optional(),
  applog: applog.schema.optional(),
  loglevel: loglevel.schema.optional(),
})

/** Settings of the server that a schedule may have with another value. */
export const scheduleSettingNames = [
  'env',
  'node_args',
  'user',
  'group',
  'initgroups',
  'boot_timeout',
  'graceful_timeout',
  'errorlog',
  'applog',
  'loglevel',
] as const

export const schedulesSetting = setting({
  section: 'compute',
  schema: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/i), schema),
  default: {},
  parts: {
    '*': {
      expects: '{ cron, run, … }',
      doc: 'A schedule by its name, which no service has.',
      parts: scheduleParts,
    },
  },
  expects:
    'an object with a part { cron, run } for each schedule; a name has letters, digits, "-" and "_", at ' +
    'most 32',
  doc:
    'What runs at certain times, each run in a process of its own and in one server only once: `{ cleanup: ' +
    '{ cron: "0 3 * * *", timezone: "Europe/Berlin", run: "./cleanup.ts" } }`. See docs/run/schedules.md.',
})

export const schedulesFileSetting = setting({
  section: 'compute',
  schema: z.union([text, z.null()]),
  default: null,
  flag: '--schedules-file <path>',
  expects: 'a file path or null',
  unit: 'file',
  doc:
    'File in which the server notes when each schedule was last due, so that a start knows what was missed ' +
    'while the server was down. null: that is known through reloads and upgrades, but not through a stop.',
  fixed: true,
})
