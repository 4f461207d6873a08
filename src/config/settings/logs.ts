// Settings of the section `logs`: the three logs. Used by the arbiter and the command line.

import * as z from 'zod'
import { AccessFormatError, compileAccessFormat } from '../../logging/access/compile.ts'
import { keepsRecordsWhole, redactPathProblem } from '../../logging/records/logger.ts'
import { setting } from './row.ts'
import { destinationParts, redactParts, rotationParts } from './log-parts.ts'
import { parseInterval } from '../../logging/rotation/interval.ts'
import { formatSize } from './size.ts'
import { mode, showMode, size, text } from './common.ts'

const interval = z.string().refine((value) => parseInterval(value) !== undefined, {
  error: 'expected 1d, 1w, 1M, hours that divide 24 (6h), or minutes or seconds that divide 60 (15m, 30s)',
})

/** An absent part sets no limit: any size, any age, and all rotated files are kept. */
const rotation = z.strictObject({
  size: size
    .refine((bytes) => bytes > 0, { error: 'expected more than 0' })
    .nullable()
    .default(rotationParts.size.default),
  interval: interval.nullable().default(rotationParts.interval.default),
  keep: z.int().min(0).nullable().default(rotationParts.keep.default),
  total_size: size.nullable().default(rotationParts.total_size.default),
  compress: z
    .union([z.boolean(), z.literal('gzip')])
    .transform((value) => value !== false)
    .default(rotationParts.compress.default),
  utc: z.boolean().default(rotationParts.utc.default),
})

const destination = z.union([text, z.null(), z.strictObject({ path: text, rotation: rotation.nullable() })])
const destinationExpects = 'a file path, "-", null or { path, rotation }'
const rotationExpects = 'null or { size, interval, keep, total_size, compress, utc }'

const redactPath = text.superRefine((path, context) => {
  const problem = redactPathProblem(path)
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
})

/** pino's option without functions, which cannot be sent to a worker. */
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
    unit: 'file',
    schema: destination,
    default: null,
    flag: '--access-logfile <path>',
    expects: destinationExpects,
    parts: destinationParts,
    doc:
      'File for the access log, one line per request. `"-"` is standard output, null disables the log; ' +
      '`/dev/stdout`, `/dev/stderr`, `/dev/null`, links to them and a FIFO work.',
  }),
  errorlog: setting({
    section: 'logs',
    unit: 'file',
    schema: destination,
    default: '-',
    flag: '--error-logfile <path>',
    expects: destinationExpects,
    parts: destinationParts,
    doc:
      'File for the error log, the messages of the master and the workers. `"-"` is standard error, ' +
      'null disables the log.',
  }),
  applog: setting({
    section: 'logs',
    unit: 'file',
    schema: destination,
    default: '-',
    flag: '--app-logfile <path>',
    expects: destinationExpects,
    parts: destinationParts,
    doc:
      'File for the app log, the output of the app (`capture_output`). `"-"` is standard output, null ' +
      'disables the log.',
  }),
  log_rotation: setting({
    section: 'logs',
    schema: rotation.nullable(),
    default: null,
    flag: '--log-rotation <part=value>',
    text: 'parts',
    expects: rotationExpects,
    parts: rotationParts,
    doc:
      'Rotation of the log files by the server. `size` (`"100M"`) and `interval` (`"1d"`, `"6h"`) set ' +
      'when a file is rotated, `keep` (a number of files) and `total_size` limit the rotated files, ' +
      '`compress` compresses them with gzip, and `utc` uses UTC instead of local time. A log set to `{ ' +
      'path, rotation }` has its own rotation. See docs/run/logs.md.',
  }),
  log_buffer: setting({
    section: 'logs',
    unit: 'bytes',
    schema: size.refine((bytes) => bytes >= 65_536 && bytes <= 2 ** 30, { error: 'expected 64K to 1G' }),
    default: 8_388_608,
    defaultText: '`"8M"`',
    print: formatSize,
    flag: '--log-buffer <size>',
    expects: 'a size such as "8M"',
    doc:
      'Maximum size of the log lines that wait in memory while they cannot be written. It applies to ' +
      'each log file in the master, and in each worker to lines that the master has not read yet. ' +
      'Further lines are dropped and counted.',
  }),
  log_file_mode: setting({
    section: 'logs',
    unit: 'mode',
    schema: mode,
    default: 0o640,
    defaultText: '`0o640`',
    print: showMode,
    flag: '--log-file-mode <mode>',
    expects: 'octal permissions such as 0o640',
    doc:
      'Permissions of the log files that the server creates, regardless of the umask. The files belong ' +
      'to the user of the master and to `group`.',
  }),
  access_log_format: setting({
    section: 'logs',
    schema: accessFormat,
    default: 'combined',
    flag: '--access-logformat <format>',
    expects: '"json", "combined", "common" or a format string with the atoms of gunicorn',
    doc:
      'Format of the access log: `"json"`, `"combined"`, `"common"`, or a format string with atoms ' +
      'such as `%(h)s` (docs/reference/log-fields.md).',
  }),
  log_format: setting({
    section: 'logs',
    schema: z.enum(['text', 'json']),
    default: 'text',
    flag: '--log-format <format>',
    expects: '"text" or "json"',
    doc: 'Format of the error log and the app log: `"text"`, or `"json"` with one object per line.',
  }),
  loglevel: setting({
    section: 'logs',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    flag: '--log-level <level>',
    expects: '"trace", "debug", "info", "warn", "error" or "fatal"',
    doc:
      "Minimum level of the records in the error log. It is also the initial level of the app's logger " +
      "(`import { log } from 'tsgun'`).",
  }),
  log_redact: setting({
    section: 'logs',
    schema: z.union([
      z.array(redactPath),
      redactObject.refine(
        // A wrong path has an error message of its own.
        (redact) =>
          redact.paths.some((path) => redactPathProblem(path) !== undefined) || keepsRecordsWhole(redact),
        '"msg" is needed in every record: leave it out of the paths, or do not use `remove`',
      ),
    ]),
    default: [],
    flag: '--log-redact <paths>',
    text: 'list',
    parts: redactParts,
    expects:
      'a list of paths in the syntax of pino, or { paths, censor, remove } with a string as the censor',
    doc:
      'Fields to hide in the records of `log`, of `req.log` and of the workers in the error log. Paths ' +
      'such as `["password", "req.headers.authorization", "*.token"]`, or `{ paths, censor, remove }`, ' +
      "as in pino's `redact`: the value is replaced by `[Redacted]` or `censor`, or the field is " +
      'removed with `remove`. Message texts, stacks and printed output are not searched. Of a logged ' +
      'error, `authorization`, `cookie`, `set-cookie` and `x-api-key` headers are hidden in any case.',
  }),
  capture_output: setting({
    section: 'logs',
    schema: z.boolean(),
    default: true,
    flag: '--capture-output [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc:
      'Whether the output of workers and their child processes goes to the app log, each line with its ' +
      'worker and time. This includes console.*, libraries and native code, and console.* of hooks in ' +
      'the master. If false, the output goes unchanged to standard output and standard error of the ' +
      'master.',
  }),
} as const
