// Topics as bytes, each made once while it is in use. Pure, but for the memory of them.

const mostRemembered = 1000

export class TopicBytes {
  readonly #known = new Map<string, Buffer>()

  of(topic: string): Buffer {
    const known = this.#known.get(topic)
    if (known) return known
    const bytes = Buffer.from(topic)
    if (this.#known.size >= mostRemembered) this.#known.clear()
    this.#known.set(topic, bytes)
    return bytes
  }
}
