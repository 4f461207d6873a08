// The setting `tasks` of the section `compute`: pools of processes that compute beside the requests. Used by
// the arbiter and the command line.

import * as z from 'zod'
import { seconds, size, text } from './common.ts'
import { setting, type Parts } from './row.ts'

/** The kernel's own limit of a queue (net.core.somaxconn) is lower on most machines, and capped there. */
const longestQueue = 65_535
const mostProcesses = 1024

/** The parts of one task pool. */
export const taskParts = {
  module: {
    expects: 'the path of a module',
    unit: 'file',
    doc:
      'The module whose default export is made by `defineTask()`. The path starts at `chdir`; TypeScript ' +
      'needs no build.',
  },
  processes: {
    expects: `a whole number from 1 to ${mostProcesses}, or "auto"`,
    default: 1,
    doc: 'How many processes compute. `"auto"` starts one per CPU, as for `workers`.',
  },
  max_queue: {
    expects: `a whole number from 1 to ${longestQueue}`,
    default: 64,
    doc:
      'How many tasks of each priority may wait. One more is refused at once, with the error ' +
      '`TASK_QUEUE_FULL` (503). The kernel keeps the queue, and caps it at `net.core.somaxconn`.',
  },
  timeout: {
    expects: 'seconds, 0 or more',
    unit: 'seconds',
    default: 60,
    doc:
      'How long a task may run. Then its process is ended, with a report of where it was, and replaced; ' +
      'the caller gets the error `TASK_TIMEOUT` (504). 0 means no limit.',
  },
  max_tasks: {
    expects: 'a whole number, 0 or more',
    default: 0,
    doc: 'Replace a process that has run this many tasks, as `max_requests` does. 0 means no limit.',
  },
  max_memory: {
    expects: 'a size such as "2G", or null',
    unit: 'bytes',
    default: null,
    doc: 'Replace a process whose memory (RSS) reaches this size. null means no limit.',
  },
  attempts: {
    expects: 'a whole number from 1 to 10',
    default: 1,
    doc:
      'How often a task is tried whose process dies while it runs. From the second time on it runs in a ' +
      'batch of its own, so that the input that kills a process fails alone.',
  },
} as const satisfies Parts

const schema = z.strictObject({
  module: text,
  processes: z
    .union([z.int().min(1).max(mostProcesses), z.literal('auto')])
    .default(taskParts.processes.default),
  max_queue: z.int().min(1).max(longestQueue).default(taskParts.max_queue.default),
  timeout: seconds.default(taskParts.timeout.default),
  max_tasks: z.int().min(0).default(taskParts.max_tasks.default),
  max_memory: size.nullable().default(taskParts.max_memory.default),
  attempts: z.int().min(1).max(10).default(taskParts.attempts.default),
})

export const tasksSetting = setting({
  section: 'compute',
  schema: z.record(z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/i), schema),
  default: {},
  parts: {
    '*': {
      expects: '{ module, processes, max_queue, timeout, … }',
      doc: 'A pool of processes, by the name that `task()` uses in the app.',
      parts: taskParts,
    },
  },
  expects:
    'an object with a part { module, processes, … } for each task; a name has letters, digits, "-" and ' +
    '"_", at most 32',
  doc:
    'Processes that compute beside the requests, in pools by name: `{ ocr: { module: "./ocr.task.ts", ' +
    'processes: 2 } }`. The app calls them with `task("ocr").run(input)`. See docs/run/tasks.md.',
})
