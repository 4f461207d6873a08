// The topics that a process wants from the broker, and what the broker does not know of them yet. Bounded by
// their number, however often they change. Pure.

export interface TopicChanges {
  readonly subscribe: readonly string[]
  readonly unsubscribe: readonly string[]
}

export class WantedTopics {
  readonly #wanted = new Set<string>()
  /** What the broker of the present connection knows. */
  #known = new Set<string>()
  readonly #changed = new Set<string>()

  add(topic: string): void {
    this.#wanted.add(topic)
    this.#changed.add(topic)
  }

  delete(topic: string): void {
    this.#wanted.delete(topic)
    if (this.#known.has(topic)) this.#changed.add(topic)
    else this.#changed.delete(topic)
  }

  /** A new connection begins: its broker gets all of them. */
  begin(): readonly string[] {
    this.#changed.clear()
    this.#known = new Set(this.#wanted)
    return [...this.#wanted]
  }

  /** What has to be sent now. */
  takeChanges(): TopicChanges {
    const changed = [...this.#changed]
    const subscribe = changed.filter((topic) => this.#wanted.has(topic) && !this.#known.has(topic))
    const unsubscribe = changed.filter((topic) => !this.#wanted.has(topic) && this.#known.has(topic))
    this.#changed.clear()
    for (const topic of subscribe) this.#known.add(topic)
    for (const topic of unsubscribe) this.#known.delete(topic)
    return { subscribe, unsubscribe }
  }
}
