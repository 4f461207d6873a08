// Runs in the watchdog thread of a worker: what is done about a main thread that is stuck. First the report
// goes to the arbiter, then the last words of the main thread are said for it; then the arbiter ends the
// process. Every step has its bound.

import type { WorkerMessage } from '../../ipc/messages.ts'
import type { StuckReport } from '../../config/hooks/views.ts'
import type { Board } from '../../serving/connections/board.ts'
import { interrupt, type Interrupted } from './interrupt.ts'
import { sharedNow, type Pulse } from './pulse.ts'
import { describeRequest, mostRequests } from './requests.ts'
import { readStack } from './stack.ts'
import { callOf, readTestimony } from './witness.ts'

export interface Examination {
  readonly pulse: Pulse
  readonly board: Board
  /** `sharedNow` minus `performance.now` of the main thread. */
  readonly clockOffset: number
  /** Milliseconds that worker_abort may take. */
  readonly hookWithin: number
  readonly tell: (message: WorkerMessage) => void
}

/**
 * Milliseconds for the main thread to come to run JavaScript, for its testimony, and for its last log lines.
 */
const pausePatience = 1500
const testimonyPatience = 500
const linesPatience = 500
/** Milliseconds within which an event loop that turns has beaten, during the boot. */
const freshness = 700

/** Answers whether the worker is given up; not when its event loop has begun to turn again. */
export async function examine(examination: Examination, silent: number): Promise<boolean> {
  const { pulse, tell } = examination
  const { lastBeat, phase } = pulse
  const turns = phase === 'boot' && silent < freshness
  const interrupted = turns ? undefined : await interrupt(pausePatience)
  if (phase === 'serve' && pulse.lastBeat !== lastBeat) {
    interrupted?.release()
    return false
  }
  const step = phase === 'boot' ? pulse.step : null
  if (interrupted) await lastWords(examination, interrupted, { silent, step })
  else
    tell({
      type: 'stuck',
      report: outsideReport(examination, { silent, step, where: turns ? 'waiting' : 'native' }),
    })
  tell({ type: 'spent' })
  return true
}

type Known = Pick<StuckReport, 'silent' | 'step'>

async function lastWords(examination: Examination, interrupted: Interrupted, known: Known): Promise<void> {
  const { tell, pulse, hookWithin } = examination
  const testimony = readTestimony(await interrupted.evaluate(callOf('testify'), testimonyPatience))
  const isUsers = interrupted.frames.some((frame) => !interrupted.urlOf(frame).startsWith('node:'))
  const stack = await readStack(interrupted)
  const outside = outsideReport(examination, { ...known, where: isUsers ? 'javascript' : 'native' })
  tell({ type: 'stuck', report: { ...outside, ...testimony, stack } })
  if (pulse.phase === 'boot') return
  await interrupted.evaluate(callOf('writeLast'), linesPatience)
  await interrupted.evaluate(callOf('abort'), hookWithin)
}

/** What can be known without the main thread. */
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
