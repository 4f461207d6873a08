// Runs in the watchdog thread of a worker: what is done about a main thread that is stuck. First the arbiter
// gets a report, then the last log lines and worker_abort are run for the main thread; then the arbiter ends
// the process. Every step has a time limit.

import type { WorkerMessage } from '../../ipc/messages.ts'
import type { StuckReport } from '../../config/hooks/views.ts'
import type { Board } from '../../serving/connections/board.ts'
import type { Interrupted } from './interrupt.ts'
import { callOf, readState } from './main-thread-calls.ts'
import { sharedNow, type Pulse } from './pulse.ts'
import { describeRequest, mostRequests } from './requests.ts'
import { readStack } from './stack.ts'

export interface Examination {
  readonly pulse: Pulse
  readonly board: Board
  /** `sharedNow` minus `performance.now` of the main thread. */
  readonly clockOffset: number
  /** Milliseconds that worker_abort may take. */
  readonly hookWithin: number
  /** This process runs tasks: the time of one is over. */
  readonly byTask: boolean
  /** Pauses the thread that serves; resolves with undefined when that took longer than these milliseconds. */
  readonly interrupt: (within: number) => Promise<Interrupted | undefined>
  readonly send: (message: WorkerMessage) => void
}

/**
 * Milliseconds for the main thread to reach JavaScript, to describe its state, and to write its last log
 * lines.
 */
const pauseLimit = 1500
const stateLimit = 500
const linesLimit = 500
/** During the boot, and in a process of tasks: an event loop that turns has sent a beat within this time. */
const freshness = 700

/** Returns whether the worker has to be replaced: not if its event loop turns again, or its task is over. */
export async function examine(examination: Examination, silent: number): Promise<boolean> {
  const { pulse, send, byTask, interrupt } = examination
  const { lastBeat, phase, taskEndsAt } = pulse
  const turns = (phase === 'boot' || byTask) && silent < freshness
  const interrupted = turns ? undefined : await interrupt(pauseLimit)
  const isOver = byTask ? pulse.taskEndsAt !== taskEndsAt : pulse.lastBeat !== lastBeat
  if (phase === 'serve' && isOver) {
    interrupted?.release()
    return false
  }
  // Empty before the first step.
  const step = phase === 'boot' && pulse.step !== '' ? pulse.step : null
  if (interrupted) await reportFromInside(examination, interrupted, { silent, step })
  else
    send({
      type: 'stuck',
      report: outsideReport(examination, { silent, step, where: turns ? 'waiting' : 'native' }),
    })
  // A process of tasks whose event loop turns ends by the order of the arbiter: its hook runs.
  if (!turns || phase === 'boot') send({ type: 'spent' })
  return true
}

type Known = Pick<StuckReport, 'silent' | 'step'>

async function reportFromInside(
  examination: Examination,
  interrupted: Interrupted,
  known: Known,
): Promise<void> {
  const { send, pulse, hookWithin } = examination
  const state = readState(await interrupted.evaluate(callOf('describe'), stateLimit))
  const isUsers = interrupted.frames.some((frame) => !interrupted.urlOf(frame).startsWith('node:'))
  const stack = await readStack(interrupted)
  const outside = outsideReport(examination, { ...known, where: isUsers ? 'javascript' : 'native' })
  send({ type: 'stuck', report: { ...outside, ...state, stack } })
  if (pulse.phase === 'boot') return
  await interrupted.evaluate(callOf('writeLast'), linesLimit)
  await interrupted.evaluate(callOf('abort'), hookWithin)
}

/** Returns what is known without the main thread. */
function outsideReport(
  { board, clockOffset }: Examination,
  known: Known & Pick<StuckReport, 'where'>,
): StuckReport {
  const now = sharedNow() - clockOffset
  const requests = board.read().slice(0, mostRequests)
  return {
    ...known,
    stack: [],
    requests: requests.map(({ method, path, startedAt }) =>
      describeRequest({ method, path, age: now - startedAt }),
    ),
    more: Math.max(0, board.busy - requests.length),
    heapUsed: null,
    heapLimit: null,
    rss: process.memoryUsage.rss(),
  }
}
