// Runs in the main thread of a worker: the orders of the arbiter that a thread which starts later has to get
// too. Pure.

import type { ArbiterMessage } from '../../ipc/messages.ts'

/** Of these only the latest counts. */
const lasting = ['unready', 'certificates', 'challenges'] as const
type Lasting = (typeof lasting)[number]

export class MissedOrders {
  readonly #latest = new Map<string, ArbiterMessage>()
  readonly #crowded = new Set<string>()

  note(order: ArbiterMessage): void {
    if (lasting.some((type: Lasting) => type === order.type)) this.#latest.set(order.type, order)
    if (order.type !== 'crowded') return
    for (const address of order.addresses)
      if (order.on) this.#crowded.add(address)
      else this.#crowded.delete(address)
  }

  get all(): readonly ArbiterMessage[] {
    const crowded: ArbiterMessage = { type: 'crowded', addresses: [...this.#crowded], on: true }
    return [...this.#latest.values(), ...(this.#crowded.size > 0 ? [crowded] : [])]
  }
}
