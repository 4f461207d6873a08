// The parts of the log settings that are objects. Used by the arbiter and the command line.

import type { Parts } from './row.ts'

export const rotationParts = {
  size: {
    expects: 'a size such as "100M", or null',
    unit: 'bytes',
    default: null,
    doc: 'Rotate the file when it reaches this size, such as `"100M"`. null: any size.',
  },
  interval: {
    expects: 'an interval such as "1d" or "6h", or null',
    default: null,
    doc: 'Rotate the file at the end of each interval, such as `"1d"`, `"6h"` or `"15m"`. null: never.',
  },
  keep: {
    expects: 'a whole number of files, 0 or more, or null',
    default: null,
    doc: 'How many rotated files are kept. null: all.',
  },
  total_size: {
    expects: 'a size such as "1G", or null',
    unit: 'bytes',
    default: null,
    doc: 'How large all rotated files of a log may be together; the oldest are removed. null: any size.',
  },
  compress: {
    expects: 'true, false or "gzip"',
    default: false,
    doc: 'Whether rotated files are compressed with gzip.',
  },
  utc: {
    expects: 'true or false',
    default: false,
    doc: 'Whether intervals and names of files use UTC instead of local time.',
  },
} as const satisfies Parts

export const destinationParts = {
  path: { expects: 'a file path or "-"', unit: 'file', doc: 'The file of this log.' },
  rotation: {
    expects: 'null or { size, interval, keep, total_size, compress, utc }',
    doc: 'The rotation of this file, instead of `log_rotation`. null: the server does not rotate it.',
    parts: rotationParts,
  },
} as const satisfies Parts

export const redactParts = {
  paths: {
    expects: 'a list of paths in the syntax of pino',
    doc: 'The fields to hide, such as `["password", "*.token"]`.',
  },
  censor: { expects: 'text', default: '[Redacted]', doc: 'What replaces their values.' },
  remove: { expects: 'true or false', default: false, doc: 'Whether the fields are removed instead.' },
} as const satisfies Parts
