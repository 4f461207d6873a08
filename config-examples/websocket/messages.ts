// What goes over the bus, and to the pages.

export interface Message {
  /** 1, 2, 3, …: without a gap, so that a page sees when one is missing. */
  readonly nr: number
  readonly text: string
}

/** The request `store.add`. */
export interface NewMessage {
  /** A message that is added again with the same id is the same message. */
  readonly id: string
  readonly text: string
}

/** The reply of `store.after`. */
export interface Missed {
  /** The number that was asked for. */
  readonly after: number
  /** Those with larger numbers that are still kept. */
  readonly messages: readonly Message[]
  /** The largest number that was given. */
  readonly last: number
}
