// Settings of the section `logs`: the three logs. Used by the arbiter and the command line.

import { z } from 'zod'
import { AccessFormatError, compileAccessFormat } from '../../logging/access/compile.ts'
import { keepsRecordsWhole, redactPathProblem } from '../../logging/records/logger.ts'
import { setting } from './row.ts'
import { parseInterval } from '../../logging/rotation/interval.ts'
import { formatSize } from './size.ts'
import { mode, showMode, size, text } from './common.ts'

const interval = z.string().refine((value) => parseInterval(value) !== undefined, {
  error:
    'it is one of 1d, 1w, 1M, or hours that divide 24 (6h), or minutes or seconds that divide 60 (15m, 30s)',
})

/**
 * What is not given is as if it were not there: a file of any size, for as long as it takes, and all of them
 * are kept.
 */
const rotation = z.strictObject({
  size: size
    .refine((bytes) => bytes > 0, { error: 'it is 0' })
    .nullable()
    .default(null),
  interval: interval.nullable().default(null),
  keep: z.int().min(0).nullable().default(null),
  total_size: size.nullable().default(null),
  compress: z
    .union([z.boolean(), z.literal('gzip')])
    .transform((value) => value !== false)
    .default(false),
  utc: z.boolean().default(false),
})

const destination = z.union([text, z.null(), z.strictObject({ path: text, rotation: rotation.nullable() })])
const destinationExpects = 'a file path, "-", null or { path, rotation }'
const rotationExpects = 'null or { size, interval, keep, total_size, compress, utc }'

const redactPath = text.superRefine((path, context) => {
  const problem = redactPathProblem(path)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** pino's option without functions, which cannot cross to a worker. */
const redactObject = z.strictObject({
  paths: z.array(redactPath),
  censor: z.string().optional(),
  remove: z.boolean().optional(),
})

/** Compiled here too, so that a wrong format is a config error and not a boot failure of each worker. */
const accessFormat = text.superRefine((format, context) => {
  try {
    compileAccessFormat(format, { pid: 0, worker: 0, environment: {} })
  } catch (error) {
    if (!(error instanceof AccessFormatError)) throw error
    context.addIssue({ code: 'custom', message: error.message })
  }
})

export const logsSettings = {
  accesslog: setting({
    section: 'logs',
    schema: destination,
    default: null,
    flag: '--access-logfile <path>',
    expects: destinationExpects,
    doc:
      'Where a line for each request goes: a file, `"-"` for standard output, or null for none ' +
      '(`/dev/stdout`, `/dev/stderr` and `/dev/null` are understood).',
  }),
  errorlog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--error-logfile <path>',
    expects: destinationExpects,
    doc:
      "Where the server's own messages go, the master's and the workers': a file, `\"-\"` for standard " +
      'error, or null for none.',
  }),
  applog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--app-logfile <path>',
    expects: destinationExpects,
    doc:
      'Where the output of the app goes (`capture_output`): a file, `"-"` for standard output, or null ' +
      'for none.',
  }),
  log_rotation: setting({
    section: 'logs',
    schema: rotation.nullable(),
    default: null,
    flag: '--log-rotation <part=value>',
    text: 'parts',
    expects: rotationExpects,
    doc:
      'When the server itself rotates the log files, and what becomes of the rotated ones ' +
      '(docs/logging.md): `size` (`"100M"`), `interval` (`"1d"`, `"6h"`), `keep` (how many), ' +
      '`total_size` of all, `compress` with gzip, `utc` instead of local time. A log whose setting ' +
      'is `{ path, rotation }` has its own.',
  }),
  log_buffer: setting({
    section: 'logs',
    schema: size.refine((bytes) => bytes >= 65_536 && bytes <= 2 ** 30, { error: 'it is from 64K to 1G' }),
    default: 8_388_608,
    defaultText: '`"8M"`',
    print: formatSize,
    flag: '--log-buffer <size>',
    expects: 'a size such as "8M"',
    doc:
      'How many bytes of log lines may wait in memory while they cannot be written: in the master for ' +
      'each log file, and in each worker for what the master does not take. Lines beyond it are ' +
      'dropped and counted.',
  }),
  log_file_mode: setting({
    section: 'logs',
    schema: mode,
    default: 0o640,
    defaultText: '`0o640`',
    print: showMode,
    flag: '--log-file-mode <mode>',
    expects: 'octal permissions such as 0o640',
    doc:
      'The permissions of log files that the server makes, whatever the umask is. They belong to the ' +
      'user of the master and to `group`.',
  }),
  access_log_format: setting({
    section: 'logs',
    schema: accessFormat,
    default: 'combined',
    flag: '--access-logformat <format>',
    expects: '"json", "combined", "common" or a text with gunicorn\'s atoms',
    doc:
      'The form of an access line: `"json"`, `"combined"`, `"common"`, or a text with atoms such as ' +
      '`%(h)s` (docs/logging.md).',
  }),
  log_format: setting({
    section: 'logs',
    schema: z.enum(['text', 'json']),
    default: 'text',
    flag: '--log-format <format>',
    expects: '"text" or "json"',
    doc:
      'The form of the error log and the app log: `"text"` for people, `"json"` for machines, one ' +
      'object a line.',
  }),
  loglevel: setting({
    section: 'logs',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    flag: '--log-level <level>',
    expects: '"trace", "debug", "info", "warn", "error" or "fatal"',
    doc:
      "The least level that reaches the error log; and the level that the app's logger (`import { log " +
      "} from 'tsgun'`) begins with.",
  }),
  log_redact: setting({
    section: 'logs',
    schema: z.union([
      z.array(redactPath),
      redactObject.refine(
        // A wrong path has its own message.
        (redact) =>
          redact.paths.some((path) => redactPathProblem(path) !== undefined) || keepsRecordsWhole(redact),
        'a record cannot do without its message: leave "msg" out, or `remove`',
      ),
    ]),
    default: [],
    flag: '--log-redact <paths>',
    text: 'list',
    expects:
      'a list of paths as pino takes them, or an object { paths, censor, remove } with a text as the censor',
    doc:
      'What may not be seen in the records of `log`, of `req.log` and of the workers in the error log: ' +
      'paths of fields, `["password", "req.headers.authorization", "*.token"]`, or `{ paths, censor, ' +
      "remove }`. It is pino's `redact`: the value becomes `[Redacted]` or the `censor`, or the " +
      'field is left out with `remove`. Texts and stacks are not searched, nor is what is printed.',
  }),
  capture_output: setting({
    section: 'logs',
    schema: z.boolean(),
    default: true,
    flag: '--capture-output [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether what workers and their child processes write to standard output and standard error ' +
      '(console.*, libraries, native code) goes into the app log, each line with its worker and ' +
      "time; what hooks in the master print by console.* does too. If false it goes to the master's " +
      'own standard output and error as it is.',
  }),
} as const
