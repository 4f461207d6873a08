// Runs in a task process: when what has arrived begins to run. Pure.

export interface Collected {
  /** Complete requests. */
  readonly ready: number
  /** Turns of the event loop in which nothing has arrived or closed. */
  readonly quietTurns: number
  /** Milliseconds since the first request was complete. */
  readonly waited: number
}

export interface BatchRule {
  /** The most inputs at a time; 1 for a task without batches. */
  readonly max: number
  /** Milliseconds. */
  readonly maxWait: number
  /** Inputs of the last batch; 1 at first. */
  readonly lastSize: number
  /** Milliseconds of the last batch. */
  readonly lastTime: number
}

/** `turn`: look again in the next turn of the event loop; `wait`: in about a millisecond. */
export type Decision = 'begin' | 'turn' | 'wait'

/**
 * The end of a connection arrives a turn after its data, and a request that was cancelled in the queue must
 * not run.
 */
const turnsForEnd = 2
/** libuv accepts one connection a turn, whose data comes in a later one: after these the queue is empty. */
const turnsForQueue = 4
/** The share of the last batch's time that a batch waits at most: a lone caller after a crowd waits once. */
const share = 0.2

export function decide(collected: Collected, rule: BatchRule): Decision {
  const { ready, quietTurns, waited } = collected
  if (quietTurns < turnsForEnd) return 'turn'
  if (ready >= rule.max) return 'begin'
  if (quietTurns < turnsForQueue) return 'turn'
  if (ready >= rule.lastSize) return 'begin'
  return waited >= Math.min(rule.maxWait, rule.lastTime * share) ? 'begin' : 'wait'
}
