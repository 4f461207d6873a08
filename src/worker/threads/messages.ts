// What the main thread of a worker and one of the threads that serve send each other, over a port that the
// app does not see. Both run the same code, so that no message is checked.

import type { MessagePort } from 'node:worker_threads'
import type { ArbiterMessage, BootMessage, WorkerMessage } from '../../ipc/messages.ts'
import type { LogName } from '../../logging/log-names.ts'
import type { WatchOrders } from '../watchdog/orders.ts'

/** The first message, with which a thread begins. */
export interface ThreadStart {
  readonly boot: BootMessage
  readonly port: MessagePort
  /** The memory of `Unwritten`, for its frames and for its output. */
  readonly unwritten: Readonly<Record<'frames' | 'output', SharedArrayBuffer>>
}

export type ToThread =
  | { readonly kind: 'order'; readonly order: ArbiterMessage }
  /** The process has the user and group of the workers. */
  | { readonly kind: 'identity' }

export type FromThread =
  | { readonly kind: 'message'; readonly message: WorkerMessage }
  /** A frame for the log pipe. */
  | { readonly kind: 'frame'; readonly log: LogName; readonly frame: Uint8Array; readonly lines: number }
  /** A piece of its standard output or error. */
  | { readonly kind: 'print'; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array }
  /** The main thread is to watch it by this shared memory. */
  | { readonly kind: 'watch'; readonly orders: WatchOrders }
  /** post_fork is done: it waits until the process has the user and group of the workers. */
  | { readonly kind: 'identity' }

/** What a thread sends about itself, and not to be written. */
export type AboutThread = Exclude<FromThread, { kind: 'frame' | 'print' }>
