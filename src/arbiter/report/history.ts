// Runs in the arbiter: what the events so far say about the server. It keeps a few figures, not the events.

import type { ArbiterEvent } from '../model/events.ts'
import type { LastReload, ServerState } from '../model/server-state.ts'
import type { ServerHistory } from '../model/snapshot.ts'

export class History implements ServerHistory {
  #isStarted = false
  #isReloading = false
  #isUpgrading = false
  #isStopping = false
  #lastReload: LastReload | null = null
  #answered = 0

  apply(event: ArbiterEvent, at: Date): void {
    if (event.type === 'workers_ready') this.#isStarted = true
    if (event.type === 'reloading') this.#isReloading = true
    if (event.type === 'reloaded' || event.type === 'reload_failed') this.#endReload(event, at)
    if (event.type === 'upgrading') this.#isUpgrading = true
    if (event.type === 'upgrade_failed' || event.type === 'upgrade_reverted') this.#isUpgrading = false
    if (event.type === 'stopping' || event.type === 'start_failed') this.#isStopping = true
    if (event.type === 'worker_ended' && event.worker.task === null)
      this.#answered += event.worker.load.requests
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

  get answered(): number {
    return this.#answered
  }

  #endReload(event: Extract<ArbiterEvent, { type: 'reloaded' | 'reload_failed' }>, at: Date): void {
    const reason = event.type === 'reload_failed' ? event.reason : null
    this.#isReloading = false
    this.#lastReload = { attempt: event.attempt, ok: reason === null, reason, at: at.toISOString() }
  }
}
