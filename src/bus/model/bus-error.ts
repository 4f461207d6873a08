// The error of a request on the bus that has got no reply. Any process.

export const busCodes = {
  BUS_NO_SUBSCRIBER: 'no process has subscribed to the topic',
  BUS_TIMEOUT: 'no reply has come in time',
  BUS_LOST: 'the process that handled the request has ended, or the connection to the bus was lost',
  BUS_BUSY: 'the subscriber handles as many requests as it may at the same time',
} as const

export type BusErrorCode = keyof typeof busCodes

/** A request has got no reply; `code` says why. What its handler throws is another error: that one. */
export class BusError extends Error {
  readonly code: BusErrorCode
  readonly topic: string

  constructor(code: BusErrorCode, topic: string, message: string) {
    super(message)
    this.code = code
    this.topic = topic
  }
}

// On the prototype, as with Node's own errors: no property of each error that every log would print.
Object.defineProperty(BusError.prototype, 'name', { value: 'BusError', writable: true, configurable: true })
