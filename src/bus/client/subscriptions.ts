// The subscriptions of a process by topic. Pure, but for a cache of topics that were looked up.

import { Memo } from '../model/memo.ts'
import { matcherOf } from '../model/topics.ts'
import type { Subscriber } from './subscriber.ts'

const mostRemembered = 10_000

interface Entry {
  readonly matches: (topic: string) => boolean
  readonly subscribers: Subscriber[]
}

export class Subscriptions {
  readonly #byPattern = new Map<string, Entry>()
  readonly #found = new Memo(mostRemembered, (topic) => this.#search(topic))

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
    return this.#found.of(topic)
  }

  #search(topic: string): readonly Subscriber[] {
    const exact = this.#byPattern.get(topic)
    const others = [...this.#byPattern.values()].filter((entry) => entry !== exact && entry.matches(topic))
    return [...(exact ? [exact] : []), ...others].flatMap(({ subscribers }) => subscribers)
  }
}
