// Puts the messages in order that arrive late, twice or not at all.

export class Order {
  /** The number of the last message that was shown; undefined before the first reply. */
  last
  #waiting = new Map()
  #view

  constructor(view) {
    this.#view = view
  }

  /** Messages wait for one before them. */
  get lacksOne() {
    return this.#waiting.size > 0
  }

  /** A message that was published just now. */
  take(message) {
    if (this.last === undefined || message.nr > this.last) this.#waiting.set(message.nr, message)
    this.#show(0)
  }

  /** The reply of the store: what it does not have cannot be had any more. */
  fill({ after, messages, last }) {
    if (last < after) this.#beginAnew()
    this.last ??= (messages[0]?.nr ?? last + 1) - 1
    for (const message of messages) if (message.nr > this.last) this.#waiting.set(message.nr, message)
    this.#show(last)
  }

  #show(completeUpTo) {
    if (this.last === undefined) return
    for (const nr of [...this.#waiting.keys()].sort((one, other) => one - other)) {
      const missing = nr - this.last - 1
      if (missing > 0 && nr - 1 > completeUpTo) return
      if (missing > 0)
        this.#view.showGap(`${missing} ${missing === 1 ? 'message is' : 'messages are'} missing`)
      this.#view.show(this.#waiting.get(nr))
      this.#waiting.delete(nr)
      this.last = nr
    }
  }

  /** The store has lost its file, and gives numbers from 1 on again. */
  #beginAnew() {
    this.#view.showGap('messages may be missing')
    this.#waiting.clear()
    this.last = 0 // the next message shows that others are missing before it
  }
}
