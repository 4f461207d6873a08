// Runs in the arbiter, only with `max_connections_per_ip`: how many connections each client has with all
// workers. The workers report what changes, and learn which clients have as many as they may; so a client may
// exceed the limit by the connections that it opens within a few milliseconds.

import type { ArbiterMessage } from '../../ipc/messages.ts'
import type { Members } from './members.ts'

export class CrowdedClients {
  readonly #members: Pick<Members, 'generationOf' | 'processOf' | 'roster'>
  readonly #byWorker = new Map<number, Map<string, number>>()
  readonly #totals = new Map<string, number>()
  readonly #crowded = new Set<string>()

  constructor(members: Pick<Members, 'generationOf' | 'processOf' | 'roster'>) {
    this.#members = members
  }

  /** `changes`: by how much the connections of an address have become more or fewer. */
  apply(age: number, changes: readonly (readonly [address: string, change: number])[]): void {
    const own = this.#byWorker.get(age) ?? new Map<string, number>()
    this.#byWorker.set(age, own)
    for (const [address, change] of changes) {
      add(own, address, change)
      add(this.#totals, address, change)
    }
    const { max_connections_per_ip: limit = 0 } = this.#members.generationOf(age)?.config.settings ?? {}
    this.#judge(
      changes.map(([address]) => address),
      limit,
    )
  }

  /** The worker is ready to accept. */
  welcome(age: number): void {
    if (this.#crowded.size > 0) this.#send(age, [...this.#crowded], true)
  }

  /** The worker has ended, and all its connections with it. */
  forget(age: number): void {
    const own = this.#byWorker.get(age)
    if (own === undefined) return
    this.apply(
      age,
      [...own].map(([address, count]) => [address, -count]),
    )
    this.#byWorker.delete(age)
  }

  #judge(addresses: readonly string[], limit: number): void {
    const isCrowded = (address: string): boolean => limit > 0 && (this.#totals.get(address) ?? 0) >= limit
    const changed = addresses.filter((address) => isCrowded(address) !== this.#crowded.has(address))
    const full = changed.filter(isCrowded)
    const free = changed.filter((address) => !isCrowded(address))
    for (const address of full) this.#crowded.add(address)
    for (const address of free) this.#crowded.delete(address)
    for (const { age, state } of this.#members.roster.all()) {
      if (state !== 'ready') continue
      if (full.length > 0) this.#send(age, full, true)
      if (free.length > 0) this.#send(age, free, false)
    }
  }

  #send(age: number, addresses: readonly string[], on: boolean): void {
    const message: ArbiterMessage = { type: 'crowded', addresses, on }
    this.#members.processOf(age)?.send(message)
  }
}

function add(counts: Map<string, number>, address: string, change: number): void {
  const count = (counts.get(address) ?? 0) + change
  if (count > 0) counts.set(address, count)
  else counts.delete(address)
}
