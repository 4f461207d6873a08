// Runs in the broker: which clients have subscribed to a topic. Pure, but for a cache of topics that were
// looked up. Topics are the characters of their bytes, which the broker need not decode.

import { Memo } from '../model/memo.ts'
import { hasWildcard, matcherOf } from '../model/topics.ts'

const mostRemembered = 10_000

interface Route<Client> {
  readonly matches: (topic: string) => boolean
  readonly isExact: boolean
  readonly clients: Set<Client>
}

export class Routes<Client> {
  readonly #routes = new Map<string, Route<Client>>()
  /** Only these have to be tried one by one. */
  readonly #open = new Map<string, Route<Client>>()
  readonly #found = new Memo(mostRemembered, (topic) => this.#search(topic))

  /** Number of subscriptions. */
  get size(): number {
    return [...this.#routes.values()].reduce((sum, { clients }) => sum + clients.size, 0)
  }

  add(pattern: string, client: Client): void {
    this.#found.clear()
    const known = this.#routes.get(pattern)
    if (known) return void known.clients.add(client)
    const isExact = !hasWildcard(pattern)
    const route = { matches: matcherOf(pattern), isExact, clients: new Set([client]) }
    this.#routes.set(pattern, route)
    if (!isExact) this.#open.set(pattern, route)
  }

  delete(pattern: string, client: Client): void {
    this.#found.clear()
    const route = this.#routes.get(pattern)
    route?.clients.delete(client)
    if (route?.clients.size !== 0) return
    this.#routes.delete(pattern)
    this.#open.delete(pattern)
  }

  /** Each client once. The same list again until a subscription changes. */
  find(topic: string): readonly Client[] {
    return this.#found.of(topic)
  }

  /** Those that may handle a request: those with exactly this topic, else those with wildcards. */
  findForRequest(topic: string): readonly Client[] {
    const exact = this.exact(topic)
    return exact.length > 0 ? exact : this.#matching(topic)
  }

  exact(topic: string): readonly Client[] {
    const route = this.#routes.get(topic)
    return route?.isExact ? [...route.clients] : []
  }

  #search(topic: string): readonly Client[] {
    return [...new Set([...this.exact(topic), ...this.#matching(topic)])]
  }

  #matching(topic: string): readonly Client[] {
    return [...this.#open.values()]
      .filter(({ matches }) => matches(topic))
      .flatMap(({ clients }) => [...clients])
  }
}
