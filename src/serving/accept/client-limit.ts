// Runs in a worker, only with `max_connections_per_ip`: counts the connections of each client. The arbiter
// adds them up over all workers, and reports which clients have as many as they may.

export interface ClientLimitParts {
  /** Connections of one address. */
  readonly limit: number
  /** Whether the address is that of a trusted proxy: it connects for many clients. */
  readonly isProxy: (address: string) => boolean
  /** By how much the connections of each address have become more or fewer since the last call. */
  readonly report: (changes: readonly (readonly [address: string, change: number])[]) => void
  /** A connection of this address was refused. */
  readonly onRefused: (address: string) => void
}

/** What is used of a net.Socket. */
interface Accepted {
  readonly remoteAddress?: string | undefined
  once(event: 'close', listener: () => void): unknown
}

/** Milliseconds in which changes are collected: a connection that closes within them is no change. */
const collecting = 10

export class ClientLimit {
  readonly #parts: ClientLimitParts
  readonly #own = new Map<string, number>()
  readonly #crowded = new Set<string>()
  readonly #changes = new Map<string, number>()

  constructor(parts: ClientLimitParts) {
    this.#parts = parts
  }

  /** Returns false for a connection of a client that has as many as it may. */
  admits(socket: Accepted): boolean {
    const address = plainAddress(socket.remoteAddress)
    if (address === undefined || this.#parts.isProxy(address)) return true
    const { limit, onRefused } = this.#parts
    if (this.#crowded.has(address) || (this.#own.get(address) ?? 0) >= limit) {
      onRefused(address)
      return false
    }
    this.#change(address, 1)
    socket.once('close', () => this.#change(address, -1))
    return true
  }

  /** From the arbiter: these clients have as many connections as they may, or no longer. */
  crowded(addresses: readonly string[], on: boolean): void {
    for (const address of addresses)
      if (on) this.#crowded.add(address)
      else this.#crowded.delete(address)
  }

  #change(address: string, change: number): void {
    add(this.#own, address, change)
    if (this.#changes.size === 0) setTimeout(() => this.#report(), collecting).unref()
    add(this.#changes, address, change)
  }

  #report(): void {
    const changes = [...this.#changes].filter(([, change]) => change !== 0)
    this.#changes.clear()
    if (changes.length > 0) this.#parts.report(changes)
  }
}

/** Undefined for a unix socket. An IPv4 client of a socket of IPv6 is the same client. */
const plainAddress = (address: string | undefined): string | undefined =>
  address?.startsWith('::ffff:') === true ? address.slice('::ffff:'.length) : address

function add(counts: Map<string, number>, address: string, change: number): void {
  const count = (counts.get(address) ?? 0) + change
  if (count !== 0) counts.set(address, count)
  else counts.delete(address)
}
