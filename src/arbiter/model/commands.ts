// Everything that can happen to the arbiter, as values for its queue. Signal handlers, messages, exits and
// timers only put a command in; one loop handles them, one at a time, in their order (loop/queue.ts).

import type { ArbiterMessage, WorkerMessage } from '../../ipc/messages.ts'
import type { Generation } from './generation.ts'
import type { Order, OrderResult } from './orders.ts'
import type { ProcessEnd } from './death/process-end.ts'
import type { ArbiterSignal } from './signals.ts'

/** What happened to the other arbiter of an upgrade. */
export type UpgradeNote =
  | { readonly what: 'started'; readonly pid: number }
  | { readonly what: 'serves' }
  /** The new arbiter was not started, or has exited with the reason why it does not serve. */
  | { readonly what: 'failed'; readonly reason: string }
  | { readonly what: 'ended' }
  /** The old arbiter has exited. */
  | { readonly what: 'alone' }

export type ArbiterCommand =
  | { readonly type: 'signal'; readonly signal: ArbiterSignal }
  /** pre_fork is done: the process may start. */
  | { readonly type: 'start'; readonly age: number }
  | { readonly type: 'message'; readonly age: number; readonly message: WorkerMessage }
  /** Its channel is closed, and the process lives on. */
  | { readonly type: 'disconnected'; readonly age: number }
  | { readonly type: 'end'; readonly age: number; readonly end: ProcessEnd }
  | { readonly type: 'loaded'; readonly generation: Generation }
  | { readonly type: 'load_failed'; readonly reason: string }
  /** For example from the control socket. `onResult` is called once: the order is accepted, or refused. */
  | { readonly type: 'order'; readonly order: Order; readonly onResult?: (result: OrderResult) => void }
  /** With `reload`: a watched file has changed. */
  | { readonly type: 'files_changing' }
  /** With `reload`: no file has changed for a moment; these have. */
  | { readonly type: 'files_changed'; readonly files: readonly string[] }
  | { readonly type: 'upgrade'; readonly note: UpgradeNote }
  /** The certificates of a generation, or the keys of session tickets, were replaced: workers get them. */
  | { readonly type: 'tls' }
  /** Each worker gets the message. `onTold` is called with the ages of those that do. */
  | {
      readonly type: 'tell'
      readonly message: ArbiterMessage
      readonly onTold: (ages: readonly number[]) => void
    }
  | { readonly type: 'stop_workers' }
  | { readonly type: 'tick' }

/** Puts a command into the queue. */
export interface Commands {
  put(command: ArbiterCommand): void
}
