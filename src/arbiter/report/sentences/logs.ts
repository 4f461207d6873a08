// The sentences about the log files. Pure.

import { describeError } from '../../../logging/records/describe-error.ts'
import { count, info, warn, type Describe, type EventType } from './sentence.ts'

export const logSentences = {
  logs_reopened: () => info('log files reopened'),
  log_failed: ({ name, error }) => ({
    level: 'error',
    msg:
      `cannot write the log ${name}: ${describeError(error).message}; lines are kept in memory up to ` +
      'log_buffer, with a new attempt every second',
  }),
  log_recovered: ({ name }) =>
    warn(`the log ${name} can be written again; the lines kept in memory are written now`),
  log_rotated: ({ name }) => ({ level: 'debug', msg: `the log ${name} is rotated` }),
  log_rotation_failed: ({ name, error }) =>
    warn(
      `cannot rotate the log ${name}: ${describeError(error).message}; it keeps growing until the next ` +
        'attempt',
    ),
  log_archive_failed: ({ name, error }) =>
    warn(
      `a rotated file of the log ${name} cannot be compressed or removed: ${describeError(error).message}`,
    ),
  log_dropped: ({ dropped }) => ({
    level: 'error',
    msg: `${count(dropped.lines, 'line')} of the ${dropped.log} log had to be dropped`,
    said: { log: dropped.log, lines: dropped.lines },
  }),
} as const satisfies { readonly [Type in EventType]?: Describe<Type> }
