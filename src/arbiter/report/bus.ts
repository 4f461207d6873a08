// Runs in the arbiter: the event bus. The core emits; the narration, the history, the control socket and
// systemd listen. Nothing of the core depends on who listens.

import type { ArbiterEvent } from '../model/events.ts'

export type Listener<Event> = (event: Event) => void

/** Ends a subscription. */
export type Unsubscribe = () => void

/** Listeners are called in the order of their subscription, within `emit`. */
export class EventBus<Event = ArbiterEvent> {
  readonly #listeners = new Set<Listener<Event>>()

  subscribe(listener: Listener<Event>): Unsubscribe {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /**
   * What a listener throws is an uncaught error of the process: it stops neither the others nor the caller.
   */
  readonly emit = (event: Event): void => {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
