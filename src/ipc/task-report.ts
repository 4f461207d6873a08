// What a process reports with its beats about tasks: those that it has called, and, in a process of a task
// pool, those that it has run. All counts are since the start of the process, so that they add up.

import { isObject } from '../os/type-checks.ts'

/** Of the calls of one task. */
const callCounts = [
  'waiting',
  'running',
  'done',
  'failed',
  'refused',
  'lost',
  'cancelled',
  'timed_out',
] as const

export type CallCounts = Readonly<Record<(typeof callCounts)[number], number>>

/** Of what a process has run. */
const runCounts = ['tasks', 'batches'] as const

/** `waits` and `runs`: times in the buckets of the histogram of tasks. */
export interface RunFigures extends Readonly<Record<(typeof runCounts)[number], number>> {
  readonly waits: readonly number[]
  readonly runs: readonly number[]
}

export interface TaskReport {
  /** By the name of the task. */
  readonly calls: Readonly<Record<string, CallCounts>>
  /** Absent in a worker of the app. */
  readonly ran?: RunFigures | undefined
}

/** What several threads have called, added up; undefined when none has tasks. */
export function addTaskReports(reports: readonly (TaskReport | undefined)[]): TaskReport | undefined {
  const known = reports.filter((report) => report !== undefined)
  if (known.length === 0) return undefined
  const names = new Set(known.flatMap(({ calls }) => Object.keys(calls)))
  const sums = [...names].map((name) => [name, addCalls(known.flatMap(({ calls }) => calls[name] ?? []))])
  return { calls: Object.fromEntries(sums) as TaskReport['calls'] }
}

/** All 0 without any. */
export function addCalls(all: readonly CallCounts[]): CallCounts {
  const sums = callCounts.map((name) => [name, all.reduce((sum, counts) => sum + counts[name], 0)])
  return Object.fromEntries(sums) as CallCounts // all names of the table
}

/** Of a process or a thread that has ended: nothing of it waits or runs any more. */
export function endedCalls(calls: CallCounts): CallCounts {
  return { ...calls, waiting: 0, running: 0 }
}

/** More than any config has, and than any histogram. */
const [mostTasks, mostBuckets] = [1000, 1000]

export function isTaskReport(value: unknown): value is TaskReport {
  if (!isObject(value)) return false
  const { calls, ran } = value
  if (!isObject(calls) || (ran !== undefined && !isRunFigures(ran))) return false
  const all = Object.values(calls)
  return all.length <= mostTasks && all.every((counts) => isObject(counts) && hasNumbers(counts, callCounts))
}

function isRunFigures(value: unknown): boolean {
  if (!isObject(value)) return false
  const { waits, runs } = value
  return hasNumbers(value, runCounts) && [waits, runs].every(isCounts)
}

function isCounts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= mostBuckets && value.every((count) => Number.isFinite(count))
}

function hasNumbers(value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean {
  return names.every((name) => Number.isFinite(value[name]))
}
