// The WebSocket to the service `live`, and the next one when it ends.

/** Milliseconds. */
const [firstDelay, longestDelay, replyTime, askInterval] = [500, 30_000, 5000, 10_000]

export class Connection {
  #address
  #order
  #setState
  #socket
  #failures = 0
  #timer

  constructor(address, order, setState) {
    this.#address = address
    this.#order = order
    this.#setState = setState
  }

  open() {
    clearTimeout(this.#timer)
    const socket = new WebSocket(this.#address)
    this.#socket = socket
    this.#timer = setTimeout(() => this.#lose(), replyTime)
    socket.onopen = () => this.#ask()
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data))
    socket.onclose = () => this.#lose()
  }

  /** For all after the last one. A reply shows too that the connection works. */
  #ask() {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#lose(), replyTime)
    this.#socket.send(this.#order.last ?? -1)
  }

  #take({ message, missed }) {
    const lackedOne = this.#order.lacksOne
    if (message) this.#order.take(message)
    if (missed) this.#replied(missed)
    if (this.#order.lacksOne && !lackedOne) this.#ask()
  }

  #replied(missed) {
    this.#order.fill(missed)
    this.#failures = 0
    this.#setState('connected')
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#ask(), askInterval)
  }

  /** Each try waits longer than the one before, and not as long as that of other browsers. */
  #lose() {
    clearTimeout(this.#timer)
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null
    this.#socket.close()
    const delay = Math.min(longestDelay, firstDelay * 2 ** this.#failures) * (0.5 + Math.random() / 2)
    this.#failures += 1
    this.#setState(`connecting again in ${(delay / 1000).toFixed(1)} s`)
    this.#timer = setTimeout(() => this.open(), delay)
  }
}
