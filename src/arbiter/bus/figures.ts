// Runs in the arbiter: what has gone over the bus since the start of the server, from the reports of its
// brokers.

import type { BrokerReport } from '../../ipc/bus-messages.ts'
import type { BusFigures } from '../model/snapshot.ts'

type Figures = Extract<BrokerReport, { type: 'figures' }>['figures']

const none: Figures = { published: 0, delivered: 0, dropped: 0, clients: 0, subscriptions: 0 }

export class FiguresOfBus {
  #past = none
  #present = none
  #restarts = 0

  report(figures: Figures): void {
    this.#present = figures
  }

  /** The broker has ended, and is replaced. */
  ended(): void {
    this.#past = { ...this.total(), clients: 0, subscriptions: 0 }
    this.#present = none
    this.#restarts += 1
  }

  total(): BusFigures {
    const [past, present] = [this.#past, this.#present]
    return {
      published: past.published + present.published,
      delivered: past.delivered + present.delivered,
      dropped: past.dropped + present.dropped,
      clients: present.clients,
      subscriptions: present.subscriptions,
      restarts: this.#restarts,
    }
  }
}
