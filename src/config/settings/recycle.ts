// Settings of the section `recycle`: when a running worker is replaced. Used by the arbiter and the command
// line.

import * as z from 'zod'
import { setting } from './row.ts'
import { formatSize } from './size.ts'
import { size } from './common.ts'

/** In bytes. A Node.js process without an app already uses more. */
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
      'Replace a worker that has served this many requests. Workers are replaced one at a time, and ' +
      'the new worker is ready before the old one stops. Requests are counted about once a second, so ' +
      'a worker serves a few more. 0 means no limit.',
  }),
  max_requests_jitter: setting({
    section: 'recycle',
    schema: z.int().min(0),
    default: 0,
    flag: '--max-requests-jitter <number>',
    text: 'number',
    expects: 'a whole number, 0 or more',
    doc:
      'Random extra per worker, so that workers are not all replaced at the same time. Up to this many ' +
      'requests are added to `max_requests`.',
  }),
  max_memory: setting({
    section: 'recycle',
    unit: 'bytes',
    schema: z.union([
      size.refine((bytes) => bytes >= smallestMemory, { error: 'expected 16M or more' }),
      percent,
      z.null(),
    ]),
    default: null,
    print: show,
    flag: '--max-memory <size>',
    text: 'number',
    expects: 'a size of 16M or more such as "512M", a percentage such as "20%", or null',
    doc:
      'Replace a worker whose memory (RSS) reaches this size. Workers are replaced one at a time, and ' +
      'the new worker is ready before the old one stops. A percentage refers to the memory limit of ' +
      'the cgroup, or to the memory of the machine without such a limit. The limit applies to each ' +
      'worker, so leave room for all workers, the master and one more worker during a replacement. ' +
      'null means no limit.',
  }),
  max_memory_jitter: setting({
    section: 'recycle',
    unit: 'bytes',
    schema: z.union([size, percent]),
    default: 0,
    print: show,
    flag: '--max-memory-jitter <size>',
    text: 'number',
    expects: 'a size such as "32M", or a percentage such as "2%"',
    doc:
      'Random extra per worker, so that workers are not all replaced at the same time. Up to this size ' +
      'is added to `max_memory`. A percentage refers to the same total as that of `max_memory`.',
  }),
} as const
