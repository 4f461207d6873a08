// The limits of the bus, for docs/run/bus.md. Any process.

export const limits = {
  /** Bytes of one message: of its data as a structured clone. */
  message: 2 ** 20,
  /** Bytes of a topic in UTF-8. */
  topic: 255,
  /** Bytes that wait in a process to be sent. */
  outgoing: 8 * 2 ** 20,
  /** Bytes that wait in the broker for one process. */
  perSubscriber: 8 * 2 ** 20,
  /** Bytes that wait for one subscription whose handler returns promises. */
  perSubscription: 2 ** 20,
  /** Requests that one subscription handles at the same time. */
  openRequests: 1000,
} as const

/** Milliseconds that a request waits for its reply. */
export const defaultTimeout = 5000
