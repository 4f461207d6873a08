// Settings of the section `logs`: the three logs. Used by the arbiter and the command line.

import { z } from 'zod'
import { keepsRecordsWhole, redactPathProblem } from '../../logging/logger.ts'
import { accessFormatProblem } from '../access-format.ts'
import { setting } from '../setting.ts'
import { destination, text } from './common.ts'

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

const destinationExpects = 'a file path, "-" or null'

export const logsSettings = {
  accesslog: setting({
    section: 'logs',
    schema: destination,
    default: null,
    flag: '--access-logfile <path>',
    expects: destinationExpects,
    doc: 'Where a line for each request goes: a file, `"-"` for standard output, or null for none (`/dev/stdout`, `/dev/stderr` and `/dev/null` are understood).',
    fixed: true,
  }),
  errorlog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--error-logfile <path>',
    expects: destinationExpects,
    doc: "Where the server's own messages go, the master's and the workers': a file, `\"-\"` for standard error, or null for none.",
    fixed: true,
  }),
  applog: setting({
    section: 'logs',
    schema: destination,
    default: '-',
    flag: '--app-logfile <path>',
    expects: destinationExpects,
    doc: 'Where the output of the app goes (`capture_output`): a file, `"-"` for standard output, or null for none.',
    fixed: true,
  }),
  access_log_format: setting({
    section: 'logs',
    schema: text.superRefine((value, context) => {
      const problem = accessFormatProblem(value)
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    }),
    default: 'combined',
    flag: '--access-logformat <format>',
    expects: '"json", "combined", "common" or a text with gunicorn\'s atoms',
    doc: 'The form of an access line: `"json"`, `"combined"`, `"common"`, or a text with atoms such as `%(h)s` (docs/logging.md).',
  }),
  log_format: setting({
    section: 'logs',
    schema: z.enum(['text', 'json']),
    default: 'text',
    flag: '--log-format <format>',
    expects: '"text" or "json"',
    doc: 'The form of the error log and the app log: `"text"` for people, `"json"` for machines, one object a line.',
    fixed: true,
  }),
  loglevel: setting({
    section: 'logs',
    schema: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']),
    default: 'info',
    flag: '--log-level <level>',
    expects: '"trace", "debug", "info", "warn", "error" or "fatal"',
    doc: "The least level that reaches the error log; and the level that the app's logger (`import { log } from 'tsgun'`) begins with.",
  }),
  log_redact: setting({
    section: 'logs',
    schema: z.union([
      z.array(redactPath),
      redactObject.refine(
        // A wrong path has its own message.
        (redact) => redact.paths.some((path) => redactPathProblem(path) !== undefined) || keepsRecordsWhole(redact),
        'a record cannot do without its message: leave "msg" out, or `remove`',
      ),
    ]),
    default: [],
    flag: '--log-redact <paths>',
    text: 'list',
    expects: 'a list of paths as pino takes them, or an object { paths, censor, remove } with a text as the censor',
    doc: 'What may not be seen in the records of `log`, of `req.log` and of the workers in the error log: paths of fields, `["password", "req.headers.authorization", "*.token"]`, or `{ paths, censor, remove }`. It is pino\'s `redact`: the value becomes `[Redacted]` or the `censor`, or the field is left out with `remove`. Texts and stacks are not searched, nor is what is printed.',
  }),
  capture_output: setting({
    section: 'logs',
    schema: z.boolean(),
    default: true,
    flag: '--capture-output [boolean]',
    text: 'flag',
    expects: 'true or false',
    doc: "Whether what workers and their child processes write to standard output and standard error (console.*, libraries, native code) goes into the app log, each line with its worker and time; what hooks in the master print by console.* does too. If false it goes to the master's own standard output and error as it is.",
  }),
} as const
