// Runs in the arbiter: what the control socket remembers of the events that have passed. It holds a few
// figures, not the events.

import type { ArbiterEvent } from '../arbiter/model/events.ts'
import { narrate } from '../arbiter/report/narrate.ts'
import type { LastReload, ServerState } from './protocol.ts'
import type { Ending, Told } from './target.ts'

export class Chronicle {
  #isStarted = false
  #isReloading = false
  #isUpgrading = false
  #isStopping = false
  #lastReload: LastReload | null = null
  #answered = 0

  see(event: ArbiterEvent, at: Date): void {
    if (event.type === 'workers_ready') this.#isStarted = true
    if (event.type === 'reloading') this.#isReloading = true
    if (event.type === 'reloaded' || event.type === 'reload_failed') this.#endReload(event, at)
    if (event.type === 'upgrading') this.#isUpgrading = true
    if (event.type === 'upgrade_failed' || event.type === 'upgrade_ended') this.#isUpgrading = false
    if (event.type === 'stopping' || event.type === 'start_failed') this.#isStopping = true
    if (event.type === 'worker_ended') this.#answered += event.worker.load.requests
  }

  get state(): ServerState {
    if (this.#isStopping) return 'stopping'
    if (!this.#isStarted) return 'starting'
    if (this.#isUpgrading) return 'upgrading'
    return this.#isReloading ? 'reloading' : 'serving'
  }

  get lastReload(): LastReload | null {
    return this.#lastReload
  }

  /** Requests that workers had answered which are gone. */
  get answered(): number {
    return this.#answered
  }

  #endReload(event: Extract<ArbiterEvent, { type: 'reloaded' | 'reload_failed' }>, at: Date): void {
    const reason = event.type === 'reload_failed' ? event.reason : null
    this.#isReloading = false
    this.#lastReload = { attempt: event.attempt, ok: reason === null, reason, at: at.toISOString() }
  }
}

/** An event as those who wait hear it. */
export function toldOf(event: ArbiterEvent): Told {
  const { level, msg } = narrate(event)
  const ending = endingOf(event)
  return ending === undefined ? { level, msg } : { level, msg, ending }
}

function endingOf(event: ArbiterEvent): Ending | undefined {
  if (event.type === 'reloaded') return { of: 'reload', attempt: event.attempt, failure: null }
  if (event.type === 'reload_failed') return { of: 'reload', attempt: event.attempt, failure: event.reason }
  if (event.type === 'upgraded') return { of: 'upgrade', failure: null }
  if (event.type === 'upgrade_failed') return { of: 'upgrade', failure: event.reason }
  if (event.type === 'stopping') return { of: 'service' }
  return event.type === 'stopped' ? { of: 'stop' } : undefined
}
