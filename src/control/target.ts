// What the control socket needs of a server: to look at it, to give it orders, and to hear what happens. The
// arbiter's side of it is arbiter-target.ts; tests have their own.

import type { Answer, Order } from '../arbiter/model/orders.ts'
import type { LogLevel } from '../logging/records/record.ts'
import type { Status, WorkerStatus } from './protocol.ts'

/** Something has come to its end. */
export type Ending =
  | { readonly of: 'reload'; readonly attempt: number; readonly failure: string | null }
  | { readonly of: 'upgrade'; readonly failure: string | null }
  /** The server begins to stop: nothing but that is carried out any more. */
  | { readonly of: 'service' }
  | { readonly of: 'stop' }

/** Something that happened, in a sentence. */
export interface Told {
  readonly level: LogLevel
  readonly msg: string
  readonly ending?: Ending
}

export interface ControlTarget {
  status(): Status
  workers(): readonly WorkerStatus[]
  /**
   * `told` hears once whether the order is taken, before anything that follows from it is told to
   * subscribers.
   */
  order(order: Order, told: (answer: Answer) => void): void
  /** Answers a function that ends it. */
  subscribe(listener: (told: Told) => void): () => void
}
