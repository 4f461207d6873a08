// What the control socket needs of a server: to read its state, to give it orders, and to follow what
// happens. arbiter-target.ts is the arbiter's side of it; tests have their own.

import type { Order, OrderResult } from '../arbiter/model/orders.ts'
import type { LogFeed } from '../logging/files/log-feed.ts'
import type { LogLevel } from '../logging/records/record.ts'
import type { SchedulesResponse, Status, WorkerView } from './protocol.ts'

/** The end of what an order has begun. */
export type Ending =
  | { readonly of: 'reload'; readonly attempt: number; readonly failure: string | null }
  | { readonly of: 'upgrade'; readonly failure: string | null }
  /** The server begins to stop: no other order is carried out any more. */
  | { readonly of: 'service' }
  | { readonly of: 'stop' }

/** Something that happened, in a sentence, for a client that waits for the end of its order. */
export interface ServerProgress {
  readonly level: LogLevel
  readonly msg: string
  readonly ending?: Ending
}

export interface ControlTarget {
  status(): Status
  workers(): readonly WorkerView[]
  schedules(): SchedulesResponse['schedules']
  /** The names of the services, and of the schedules. */
  services(): readonly string[]
  readonly feed: LogFeed
  /** `onResult` is called once: the order is accepted or refused. Progress follows after it. */
  order(order: Order, onResult: (result: OrderResult) => void): void
  /** Returns a function that ends the subscription. */
  subscribe(listener: (progress: ServerProgress) => void): () => void
}
