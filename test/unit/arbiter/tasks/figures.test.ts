// The figures of tasks: those of processes that call and run them, added up over their lives.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FiguresOfTasks } from '../../../../src/arbiter/tasks/figures.ts'
import type { CallCounts, TaskReport } from '../../../../src/ipc/task-report.ts'
import { Histogram } from '../../../../src/tasks/model/histogram.ts'

const none: CallCounts = {
  waiting: 0,
  running: 0,
  done: 0,
  failed: 0,
  refused: 0,
  lost: 0,
  cancelled: 0,
  timed_out: 0,
}

const caller = (changes: Partial<CallCounts>): TaskReport => ({ calls: { ocr: { ...none, ...changes } } })

function timesOf(...milliseconds: readonly number[]): readonly number[] {
  const histogram = new Histogram()
  for (const each of milliseconds) histogram.record(each)
  return histogram.counts()
}

test('a task that was never called has no times', () => {
  const figures = new FiguresOfTasks().of('ocr')
  assert.deepEqual(
    [figures.done, figures.batches, figures.batch_mean, figures.wait_p99_ms],
    [0, 0, null, null],
  )
})

test('the counts of all callers are added, and a new report replaces the one before it', () => {
  const figures = new FiguresOfTasks()
  figures.report({ age: 1, task: null }, caller({ waiting: 5, done: 1 }))
  figures.report({ age: 1, task: null }, caller({ waiting: 2, done: 4, refused: 1 }))
  figures.report({ age: 2, task: null }, caller({ waiting: 1, done: 10, lost: 2 }))
  const { waiting, done, refused, lost } = figures.of('ocr')
  assert.deepEqual([waiting, done, refused, lost], [3, 14, 1, 2])
  assert.equal(figures.of('embed').done, 0)
})

test('what a process has done still counts when it has exited, and nothing of it waits any more', () => {
  const figures = new FiguresOfTasks()
  figures.report({ age: 1, task: null }, caller({ waiting: 5, running: 1, done: 7 }))
  figures.ended(1)
  figures.ended(1)
  figures.ended(99)
  const { waiting, running, done } = figures.of('ocr')
  assert.deepEqual([waiting, running, done], [0, 0, 7])
})

test('times and batches are those of the processes of the task', () => {
  const figures = new FiguresOfTasks()
  const ran = { tasks: 30, batches: 10, waits: timesOf(1, 1, 1, 100), runs: timesOf(50) }
  figures.report({ age: 3, task: 'ocr' }, { calls: {}, ran })
  figures.report({ age: 4, task: 'ocr' }, { calls: {}, ran: { ...ran, tasks: 10 } })
  figures.ended(4)
  const { batches, batch_mean, wait_p50_ms, wait_p99_ms, run_p50_ms } = figures.of('ocr')
  assert.deepEqual([batches, batch_mean], [20, 2])
  assert.ok(wait_p50_ms !== null && wait_p50_ms < 1.3, String(wait_p50_ms))
  assert.ok(wait_p99_ms !== null && wait_p99_ms >= 100 && wait_p99_ms < 125, String(wait_p99_ms))
  assert.ok(run_p50_ms !== null && run_p50_ms >= 50 && run_p50_ms < 62, String(run_p50_ms))
})
