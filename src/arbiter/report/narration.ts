// Runs in the arbiter: makes the sentence of each event, once, for everything that shows it: the error log,
// and the clients of the control socket that wait for an order.

import type { ArbiterEvent } from '../model/events.ts'
import { EventBus, type Listener, type Unsubscribe } from './bus.ts'
import { narrate, type Sentence } from './narrate.ts'

export interface Narrated extends Sentence {
  readonly event: ArbiterEvent
}

export class Narration {
  readonly #narrated: EventBus<Narrated>

  constructor(bus: Pick<EventBus, 'subscribe' | 'fail'>) {
    this.#narrated = new EventBus((error, { event }) => bus.fail(error, event))
    bus.subscribe((event) => this.#narrated.emit({ ...narrate(event), event }))
  }

  subscribe(listener: Listener<Narrated>): Unsubscribe {
    return this.#narrated.subscribe(listener)
  }
}
