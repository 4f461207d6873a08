// Runs in the arbiter: the sockets of the worker slots of one generation, for the addresses of `bind` with
// `{nr}`. The worker of a slot inherits them in addition to those of all workers, and so does its
// replacement, so no connection is lost between the two. A slot that is removed loses them at once: a proxy
// finds no file and takes another worker.

import type { Address } from './address.ts'
import type { Listener } from './listener.ts'
import { addressOfSlot } from './slots.ts'

export interface SlotSocketCalls {
  /** Resolves when `taken` was called with a listener for each address. Rejects with a BindError. */
  readonly open: (
    addresses: readonly Address[],
    taken: (listeners: readonly Listener[]) => void,
  ) => Promise<void>
  readonly close: (listeners: readonly Listener[]) => void
}

export class SlotSockets {
  readonly calls: SlotSocketCalls
  readonly #addresses: readonly Address[]
  readonly #bySlot = new Map<number, readonly Listener[]>()

  /** `addresses`: those with `{nr}`. */
  constructor(addresses: readonly Address[], calls: SlotSocketCalls) {
    this.#addresses = addresses
    this.calls = calls
  }

  /** The open sockets of a slot. */
  of(nr: number): readonly Listener[] {
    return this.#bySlot.get(nr) ?? []
  }

  /** The open sockets, of all slots or of these. */
  all(isWanted: (nr: number) => boolean = () => true): readonly Listener[] {
    return [...this.#bySlot].flatMap(([nr, listeners]) => (isWanted(nr) ? listeners : []))
  }

  /** Opens the sockets of a slot, unless they are open. Rejects with a BindError. */
  async open(nr: number): Promise<void> {
    if (this.#addresses.length === 0) return
    const addresses = this.#addresses.map((address) => addressOfSlot(address, nr))
    await this.calls.open(addresses, (listeners) => this.put(nr, listeners))
  }

  put(nr: number, listeners: readonly Listener[]): void {
    if (listeners.length > 0) this.#bySlot.set(nr, listeners)
  }

  /** Closes the sockets of all other slots. */
  keepOnly(isUsed: (nr: number) => boolean): void {
    for (const [nr, listeners] of this.#bySlot) {
      if (isUsed(nr)) continue
      this.#bySlot.delete(nr)
      this.calls.close(listeners)
    }
  }
}

/** Of a server whose `bind` has no address with `{nr}`. */
export function noSlots(): SlotSockets {
  return new SlotSockets([], { open: () => Promise.resolve(), close: () => undefined })
}
