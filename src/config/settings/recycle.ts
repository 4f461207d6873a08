// Settings of the section `recycle`: when a worker makes room for a new one. Used by the arbiter and the
// command line.

import { z } from 'zod'
import { setting } from './row.ts'
import { formatSize } from './size.ts'
import { size } from './common.ts'

/** A worker of Node.js without any app is larger. */
const smallestMemory = 16 * 2 ** 20
const percent = z.string().regex(/^(100|[1-9]\d?(\.\d+)?)%$/)
const show = (value: number | string | null): string =>
  typeof value === 'number' ? formatSize(value) : (value ?? 'null')

export const recycleSettings = {
  max_requests: setting({
    section: 'recycle',
    schema: z.int().min(0),
    default: 0,
    flag: '--max-requests <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc:
      'A worker that has answered so many requests is replaced: a new one is ready before it goes, one ' +
      'worker at a time. It is counted about once a second, so a worker answers a few more. 0 is no limit.',
  }),
  max_requests_jitter: setting({
    section: 'recycle',
    schema: z.int().min(0),
    default: 0,
    flag: '--max-requests-jitter <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc:
      'Each worker gets up to so many requests more than `max_requests`, by chance, so that not all ' +
      'are due at once.',
  }),
  max_memory: setting({
    section: 'recycle',
    schema: z.union([
      size.refine((bytes) => bytes >= smallestMemory, { error: 'it is 16M or more' }),
      percent,
      z.null(),
    ]),
    default: null,
    print: show,
    flag: '--max-memory <size>',
    text: 'number',
    expects: 'a size of 16M or more such as "512M", a percentage such as "20%", or null',
    doc:
      'A worker whose memory (RSS) has grown to this is replaced: a new one is ready before it goes, ' +
      'one worker at a time. A percentage is of the memory limit of the cgroup, or of the machine ' +
      'when there is none; it counts for each worker, so leave room for all of them, the master, and ' +
      'one more while it is replaced. null is no limit.',
  }),
  max_memory_jitter: setting({
    section: 'recycle',
    schema: z.union([size, percent]),
    default: 0,
    print: show,
    flag: '--max-memory-jitter <size>',
    text: 'number',
    expects: 'a size such as "32M", or a percentage such as "2%"',
    doc:
      'Each worker gets up to so much more than `max_memory`, by chance, so that not all are due at ' +
      'once. A percentage is of the same whole as that of `max_memory`.',
  }),
} as const
