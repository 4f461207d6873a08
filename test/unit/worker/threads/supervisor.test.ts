// The supervisor of the threads of a worker: what it decides when they serve, end and are stuck, and what the
// arbiter gets to know.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BootMessage, WorkerMessage } from '../../../../src/ipc/messages.ts'
import type { ToThread } from '../../../../src/worker/threads/messages.ts'
import type { ThreadHandlers } from '../../../../src/worker/threads/serving-thread.ts'
import { ThreadSupervisor, trial } from '../../../../src/worker/threads/supervisor.ts'
import type { ThreadWatchOptions } from '../../../../src/worker/threads/thread-watch.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { bootMessage } from '../fake-worker.ts'

interface FakeThread extends Pick<ThreadHandlers, 'onMessage' | 'onEnd'> {
  readonly index: number
  readonly posted: ToThread[]
  isTerminated: boolean
  watch: ThreadWatchOptions | undefined
  says(message: WorkerMessage): void
}

interface World {
  readonly supervisor: ThreadSupervisor
  readonly clock: FakeClock
  /** All that were started, in their order. */
  readonly threads: FakeThread[]
  readonly sent: WorkerMessage[]
  /** What the process did, in its order. */
  readonly events: string[]
  types(): readonly string[]
}

function start(threads: number, more: Partial<BootMessage> = {}, world = { cannotStart: false }): World {
  const clock = new FakeClock()
  const all: FakeThread[] = []
  const sent: WorkerMessage[] = []
  const events: string[] = []
  const supervisor = new ThreadSupervisor(bootMessage({}, { threads, ...more }), {
    clock,
    start(index, handlers) {
      if (world.cannotStart) throw new Error('dup EMFILE')
      const thread: FakeThread = {
        ...handlers,
        index,
        posted: [],
        isTerminated: false,
        watch: undefined,
        says: (message) => handlers.onMessage({ kind: 'message', message }),
      }
      all.push(thread)
      return {
        id: all.length,
        post: (message) => void thread.posted.push(message),
        terminate: () => (thread.isTerminated = true),
      }
    },
    watch(options) {
      const thread = all[options.thread - 1]
      if (thread) thread.watch = options
      return { end: () => void events.push(`watch ${thread?.index} ended`) }
    },
    takeOnIdentity: () => void events.push('identity'),
    closeSockets: () => void events.push('sockets closed'),
    clearRow: (index) => void events.push(`row ${index} cleared`),
    rss: () => 1000,
    send: (message) => void sent.push(message),
    onReady: () => void events.push('ready'),
    exit: (code) => void events.push(`exit ${code}`),
    kill: () => void events.push('kill'),
  })
  supervisor.start()
  return { supervisor, clock, threads: all, sent, events, types: () => sent.map(({ type }) => type) }
}

/** All threads serve, and have done so for longer than the trial. */
function serving(threads: number, state = { cannotStart: false }): World {
  const world = start(threads, {}, state)
  for (const thread of world.threads) thread.says({ type: 'ready' })
  world.clock.advance(trial)
  world.sent.length = 0
  world.events.length = 0
  return world
}

const beat = (requests: number, heapUsed = 1): WorkerMessage => ({
  type: 'beat',
  requests,
  busy: 1,
  connections: 2,
  overdue: 0,
  rss: 5,
  heapUsed,
  heapLimit: 10,
})

const report = {
  where: 'javascript',
  silent: 2000,
  step: null,
  stack: ['at x'],
  requests: [],
  more: 0,
} as const
const stuck: WorkerMessage = {
  type: 'stuck',
  report: { ...report, heapUsed: null, heapLimit: null, rss: 1 },
}
const stuckInNative: WorkerMessage = {
  type: 'stuck',
  report: { ...stuck.report, where: 'native' },
}

test('the worker is ready when all threads are', () => {
  const { threads, types, events } = start(3)
  threads[2]?.says({ type: 'ready' })
  threads[0]?.says({ type: 'ready' })
  assert.deepEqual([types(), events], [[], []])
  threads[1]?.says({ type: 'ready' })
  assert.deepEqual([types(), events], [['ready'], ['ready']])
})

test('the process takes on its user when post_fork is done in all threads', () => {
  const { threads, events } = start(2)
  threads[1]?.onMessage({ kind: 'identity' })
  assert.deepEqual([events, threads[1]?.posted], [[], []])
  threads[0]?.onMessage({ kind: 'identity' })
  assert.deepEqual(events, ['identity'])
  assert.deepEqual(
    threads.map(({ posted }) => posted),
    [[{ kind: 'identity' }], [{ kind: 'identity' }]],
  )
})

test('figures are added up, and those of a thread that has ended still count', () => {
  const { supervisor, threads, sent, types } = serving(2)
  threads[0]?.says(beat(10, 9))
  threads[1]?.says(beat(5))
  supervisor.beat()
  const sums = { type: 'beat', busy: 2, connections: 4, overdue: 0, rss: 1000, heapUsed: 9, heapLimit: 10 }
  assert.deepEqual(sent.at(-1), { ...sums, requests: 15 })
  threads[0]?.onEnd({ code: 1, error: undefined })
  supervisor.beat()
  assert.deepEqual(sent.at(-1), { ...sums, requests: 15, busy: 1, connections: 2, heapUsed: 1 })
  assert.ok(!types().includes('tasks'), 'without tasks none are reported')
})

test('the calls of tasks are added up; those of a thread that has ended wait no more', () => {
  const { supervisor, threads, sent } = serving(2)
  const counts = {
    waiting: 1,
    running: 1,
    done: 3,
    failed: 0,
    refused: 0,
    lost: 0,
    cancelled: 0,
    timed_out: 0,
  }
  for (const thread of threads) thread.says({ type: 'tasks', report: { calls: { ocr: counts } } })
  threads[1]?.onEnd({ code: 1, error: undefined })
  supervisor.beat()
  const found = sent.find(({ type }) => type === 'tasks')
  assert.deepEqual(found, { type: 'tasks', report: { calls: { ocr: { ...counts, done: 6 } } } })
})

test('a thread that ends alone is replaced alone, and the arbiter gets to know why', () => {
  const { threads, sent, types, events, supervisor } = serving(2)
  threads[1]?.says({ type: 'clients', changes: [['1.2.3.4', 3]] })
  threads[1]?.says({ type: 'clients', changes: [['1.2.3.4', -1]] })
  threads[1]?.says({ type: 'fault', error: { message: 'no tea', stack: '' } })
  threads[1]?.onEnd({ code: 1, error: undefined })
  assert.deepEqual(sent.slice(2), [
    { type: 'clients', changes: [['1.2.3.4', -2]] },
    { type: 'thread_ended', thread: 1, how: 'has ended: no tea' },
  ])
  assert.deepEqual(events, ['row 1 cleared'])
  assert.deepEqual(
    threads.map(({ index }) => index),
    [0, 1, 1],
  )
  threads[2]?.says({ type: 'ready' })
  assert.deepEqual(sent.at(-1), { type: 'thread_ready', thread: 1 })
  assert.ok(!types().includes('ready'))
  assert.equal(supervisor.hasEnded, false)
})

test('a full heap and a call of process.exit are named', () => {
  const { threads, sent, clock } = serving(2)
  const error = Object.assign(new Error('Worker terminated'), { code: 'ERR_WORKER_OUT_OF_MEMORY' })
  threads[0]?.onEnd({ code: 1, error })
  clock.advance(trial)
  threads[1]?.onEnd({ code: 7, error: undefined })
  const texts = sent.map((message) => (message.type === 'thread_ended' ? message.how : ''))
  assert.match(texts[0] ?? '', /^has ended: its heap is full; .*--max-old-space-size/)
  assert.match(texts[1] ?? '', /^has ended: process\.exit\(7\)/)
})

test('a thread that ends at once again is not replaced: the worker is, and serves until then', () => {
  const { threads, types, events } = serving(2)
  threads[1]?.onEnd({ code: 1, error: undefined })
  threads[2]?.says({ type: 'ready' })
  threads[2]?.onEnd({ code: 1, error: undefined })
  assert.equal(threads.length, 3)
  assert.deepEqual(types(), ['thread_ended', 'thread_ready', 'thread_ended', 'threads_failed'])
  assert.ok(!events.some((event) => event.startsWith('exit')))
  threads[0]?.onEnd({ code: 4, error: undefined })
  assert.equal(threads.length, 4, 'another thread still gets its replacement')
})

test('without any thread the process exits, with the last reason', () => {
  const { threads, sent, events, clock } = serving(1)
  threads[0]?.onEnd({ code: 1, error: undefined })
  threads[1]?.says({ type: 'boot_failed', failure: 'boot', error: { message: 'no port', stack: 's' } })
  clock.advance(trial)
  threads[1]?.onEnd({ code: 3, error: undefined })
  assert.deepEqual(sent.at(-1), { type: 'fault', error: { message: 'no port', stack: 's' } })
  assert.equal(events.at(-1), 'exit 1')
})

test('a thread that cannot be started ends the boot, or makes the worker be replaced', () => {
  const { sent, events } = start(2, {}, { cannotStart: true })
  const failure = sent[0]?.type === 'boot_failed' ? sent[0].error.message : ''
  assert.deepEqual([failure, sent.length, events[0]], ['dup EMFILE', 1, 'exit 3'])
  const state = { cannotStart: false }
  const world = serving(2, state)
  state.cannotStart = true
  world.threads[0]?.onEnd({ code: 1, error: undefined })
  assert.deepEqual(world.types(), ['thread_ended', 'thread_ended', 'threads_failed'])
  assert.ok(!world.events.some((event) => event.startsWith('exit')))
  world.threads[1]?.onEnd({ code: 1, error: undefined })
  assert.equal(world.events.at(-1), 'exit 1')
})

test('a thread that is stuck in JavaScript is reported, terminated and replaced', () => {
  const { threads, sent } = serving(2)
  threads[0]?.onMessage({ kind: 'watch', orders: watchOrders })
  threads[0]?.watch?.send(stuck)
  threads[0]?.watch?.send({ type: 'spent' })
  assert.deepEqual(sent, [{ type: 'thread_stuck', thread: 0, report: stuck.report }])
  threads[0]?.watch?.onStuck()
  assert.equal(threads[0]?.isTerminated, true)
  threads[0]?.onEnd({ code: 1, error: undefined })
  assert.equal(threads[2]?.index, 0)
  assert.equal(sent.length, 1, 'one report is enough')
})

test('a thread that is stuck in native code is never terminated: the worker is replaced', () => {
  const { supervisor, threads, sent, types, events, clock } = serving(2)
  threads[0]?.onMessage({ kind: 'watch', orders: watchOrders })
  threads[0]?.watch?.send(stuckInNative)
  threads[0]?.watch?.onStuck()
  assert.equal(threads[0]?.isTerminated, false)
  assert.deepEqual(types(), ['thread_stuck', 'threads_failed'])
  supervisor.apply({ type: 'retire', within: 5000, last: false, reason: 'threads' })
  threads[1]?.says({ type: 'shut' })
  assert.deepEqual(sent.at(-1), { type: 'shut' }, 'the lost thread accepts nothing')
  threads[1]?.onEnd({ code: 0, error: undefined })
  clock.advance(5000)
  assert.ok(!events.includes('kill'))
  clock.advance(2000)
  assert.equal(events.at(-1), 'kill')
})

test('while the worker boots a stuck thread is a stuck worker', () => {
  const { threads, sent } = start(2)
  threads[0]?.onMessage({ kind: 'watch', orders: watchOrders })
  threads[0]?.watch?.send(stuck)
  threads[0]?.watch?.send({ type: 'spent' })
  threads[0]?.watch?.onStuck()
  assert.deepEqual(sent, [stuck, { type: 'spent' }])
  assert.equal(threads[0]?.isTerminated, false)
})

test('an app that fails to boot is reported once, and ends the worker with its exit code', () => {
  const { threads, sent, events } = start(2)
  const failed: WorkerMessage = { type: 'boot_failed', failure: 'app', error: { message: 'none', stack: '' } }
  for (const thread of threads) thread.says(failed)
  assert.deepEqual(sent, [failed])
  threads[0]?.onEnd({ code: 4, error: undefined })
  assert.equal(events.at(-1), 'exit 4')
})

test('a retirement reaches all threads; the sockets are closed when all have shut; the end follows the last', () => {
  const { supervisor, threads, types, events } = serving(2)
  const order = { type: 'retire', within: 5000, last: true, reason: 'stop' } as const
  supervisor.apply(order)
  for (const { posted } of threads) assert.deepEqual(posted, [{ kind: 'order', order }])
  threads[0]?.says({ type: 'shut' })
  assert.deepEqual(events, [])
  threads[1]?.says({ type: 'shut' })
  assert.deepEqual([types(), events], [['shut'], ['sockets closed']])
  threads[0]?.onEnd({ code: 0, error: undefined })
  assert.deepEqual(events.at(-1), 'row 0 cleared')
  threads[1]?.onEnd({ code: 0, error: undefined })
  assert.deepEqual(events.at(-1), 'exit 0')
})

test('a thread that starts late gets the orders that it has missed', () => {
  const { supervisor, threads } = serving(2)
  supervisor.apply({ type: 'certificates', sealed: 'old' })
  supervisor.apply({ type: 'certificates', sealed: 'new' })
  supervisor.apply({ type: 'crowded', addresses: ['1.1.1.1', '2.2.2.2'], on: true })
  supervisor.apply({ type: 'crowded', addresses: ['1.1.1.1'], on: false })
  threads[1]?.onEnd({ code: 1, error: undefined })
  assert.deepEqual(threads[2]?.posted, [
    { kind: 'order', order: { type: 'certificates', sealed: 'new' } },
    { kind: 'order', order: { type: 'crowded', addresses: ['2.2.2.2'], on: true } },
  ])
})

test('challenges of ACME are answered when each thread answers them', () => {
  const { threads, sent } = serving(2)
  threads[0]?.says({ type: 'challenged', nr: 3 })
  assert.deepEqual(sent, [])
  threads[1]?.says({ type: 'challenged', nr: 3 })
  assert.deepEqual(sent, [{ type: 'challenged', nr: 3 }])
})

const watchOrders = {
  pulse: new SharedArrayBuffer(8),
  board: new SharedArrayBuffer(8),
  master: 1,
  clockOffset: 0,
  hookWithin: 1000,
  timeout: 1000,
  bootEndsAt: null,
  byTask: false,
  mayEnd: false,
}
