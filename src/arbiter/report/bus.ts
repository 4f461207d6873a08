// Runs in the arbiter: the event bus. The core emits; the narration, the history, the control socket and
// systemd listen. Nothing of the core depends on who listens.

import type { ArbiterEvent } from '../model/events.ts'

export type Listener<Event> = (event: Event) => void

/** Ends a subscription. */
export type Unsubscribe = () => void

/** Called with what a listener has thrown, and the event. */
export type OnListenerError<Event> = (error: unknown, event: Event) => void

/** Listeners are called in the order of their subscription, within `emit`. */
export class EventBus<Event = ArbiterEvent> {
  readonly #listeners = new Set<Listener<Event>>()
  readonly #onError: OnListenerError<Event>

  /**
   * `onError`: must not emit at once, or a listener that always throws would keep the process busy for ever.
   */
  constructor(onError: OnListenerError<Event>) {
    this.#onError = onError
  }

  subscribe(listener: Listener<Event>): Unsubscribe {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** What a listener throws goes to `onError`, and stops neither the others nor the caller. */
  readonly emit = (event: Event): void => {
    for (const listener of this.#listeners) {
      try {
        listener(event)
      } catch (error) {
        this.fail(error, event)
      }
    }
  }

  /** Reports what a listener has thrown. */
  fail(error: unknown, event: Event): void {
    this.#onError(error, event)
  }
}

/**
 * The bus of a server: what a listener throws becomes an event again, in the next turn. If that one cannot be
 * reported either, the error is written to standard error.
 */
export function serverBus(stderr: { write(text: string): unknown }): EventBus {
  const bus: EventBus = new EventBus((error, event) => {
    if (event.type === 'uncaught_error') return void stderr.write(`${String(error)}\n`)
    queueMicrotask(() => bus.emit({ type: 'uncaught_error', error }))
  })
  return bus
}
