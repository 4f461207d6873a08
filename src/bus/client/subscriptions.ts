// The subscriptions of a process by topic. Pure, but for a cache of topics that were looked up.

import { matcherOf } from '../model/topics.ts'
import type { Subscriber } from './subscriber.ts'

/** More topics are not remembered: an app may have one for each of its users. */
const mostRemembered = 10_000

interface Entry {
  readonly matches: (topic: string) => boolean
  readonly subscribers: Subscriber[]
}

export class Subscriptions {
  readonly #byPattern = new Map<string, Entry>()
  #found = new Map<string, readonly Subscriber[]>()

  /** Returns whether it is the first one of its topic. */
  add(subscriber: Subscriber): boolean {
    this.#found.clear()
    const entry = this.#byPattern.get(subscriber.topic)
    if (entry) entry.subscribers.push(subscriber)
    else
      this.#byPattern.set(subscriber.topic, {
        matches: matcherOf(subscriber.topic),
        subscribers: [subscriber],
      })
    return entry === undefined
  }

  /** Returns whether it was the last one of its topic. */
  delete(subscriber: Subscriber): boolean {
    const entry = this.#byPattern.get(subscriber.topic)
    const index = entry?.subscribers.indexOf(subscriber) ?? -1
    if (entry === undefined || index === -1) return false
    this.#found.clear()
    entry.subscribers.splice(index, 1)
    if (entry.subscribers.length > 0) return false
    this.#byPattern.delete(subscriber.topic)
    return true
  }

  /** Those whose topic matches; those with exactly this topic come first. Not changed afterwards. */
  find(topic: string): readonly Subscriber[] {
    const known = this.#found.get(topic)
    if (known) return known
    const exact = this.#byPattern.get(topic)
    const others = [...this.#byPattern.values()].filter((entry) => entry !== exact && entry.matches(topic))
    const found = [...(exact ? [exact] : []), ...others].flatMap(({ subscribers }) => subscribers)
    if (this.#found.size >= mostRemembered) this.#found.clear()
    this.#found.set(topic, found)
    return found
  }
}
