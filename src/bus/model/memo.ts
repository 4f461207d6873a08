// What was made for a topic, remembered up to a number, because an app may have a topic for each of its
// users. Then all are forgotten. Client and broker.

export class Memo<Value> {
  readonly #most: number
  readonly #make: (topic: string) => Value
  readonly #known = new Map<string, Value>()

  /** `make` may throw: then nothing is remembered. */
  constructor(most: number, make: (topic: string) => Value) {
    this.#most = most
    this.#make = make
  }

  of(topic: string): Value {
    const known = this.#known.get(topic)
    if (known !== undefined) return known
    const made = this.#make(topic)
    if (this.#known.size >= this.#most) this.#known.clear()
    this.#known.set(topic, made)
    return made
  }

  clear(): void {
    this.#known.clear()
  }
}
