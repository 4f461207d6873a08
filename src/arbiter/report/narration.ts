// Runs in the arbiter: makes the sentence of each event, once, for everything that shows it: the error log,
// and the clients of the control socket that wait for an order.

import type { Clock } from '../../os/system/clock.ts'
import type { ArbiterEvent } from '../model/events.ts'
import { EventBus, type Listener, type Unsubscribe } from './bus.ts'
import { Identities, type Identity } from './identity.ts'
import { narrate, type Sentence } from './narrate.ts'

export interface Narrated extends Sentence {
  readonly event: ArbiterEvent
  readonly identity: Identity
}

export class Narration {
  readonly #narrated: EventBus<Narrated>

  /** `startedAt`: when the start has begun, in monotonic milliseconds; 0 is the start of the process. */
  constructor(bus: Pick<EventBus, 'subscribe' | 'fail'>, clock: Pick<Clock, 'now'>, startedAt = 0) {
    const identities = new Identities(clock, startedAt)
    this.#narrated = new EventBus((error, { event }) => bus.fail(error, event))
    bus.subscribe((event) =>
      this.#narrated.emit({ ...narrate(event), event, identity: identities.of(event) }),
    )
  }

  subscribe(listener: Listener<Narrated>): Unsubscribe {
    return this.#narrated.subscribe(listener)
  }
}
