// Runs in the arbiter: everything that can happen to it, in one queue. Signal handlers, messages, exits and
// timers only put a command in; one loop takes them out, one at a time, in their order.

import type { WorkerMessage } from '../../ipc/messages.ts'
import type { Generation } from './generation.ts'
import type { Answer, Order } from './orders.ts'
import type { ArbiterSignal } from '../loop/signals.ts'
import type { UpgradeNote } from '../upgrade/upgrade.ts'

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Set when no process could be started at all. */
  readonly error?: Error
  /** The kernel has killed a process of this cgroup for want of memory, and this was SIGKILL. */
  readonly oom?: true
  /** The end of its standard error; absent when that is not captured. */
  readonly lastLines?: readonly string[]
}

export type ArbiterCommand =
  | { readonly type: 'signal'; readonly signal: ArbiterSignal }
  /** pre_fork is done: the process may start. */
  | { readonly type: 'start'; readonly age: number }
  | { readonly type: 'message'; readonly age: number; readonly message: WorkerMessage }
  /** Its channel is closed, and it lives on. */
  | { readonly type: 'disconnected'; readonly age: number }
  | { readonly type: 'end'; readonly age: number; readonly end: ProcessEnd }
  | { readonly type: 'loaded'; readonly generation: Generation }
  | { readonly type: 'load_failed'; readonly reason: string }
  /** Over the control socket, say. `told` hears once whether it is taken. */
  | { readonly type: 'order'; readonly order: Order; readonly told?: (answer: Answer) => void }
  /** With `reload`: a file that counts has changed; then, when it has been quiet for a moment: these have. */
  | { readonly type: 'files_changing' }
  | { readonly type: 'files_changed'; readonly files: readonly string[] }
  /** What became of the other master of an upgrade. */
  | { readonly type: 'upgrade'; readonly note: UpgradeNote }
  | { readonly type: 'stop_workers' }
  | { readonly type: 'tick' }

/** First in, first out; `take` waits for the next one. */
export class CommandQueue {
  readonly #waiting: ArbiterCommand[] = []
  #wake: ((command: ArbiterCommand) => void) | undefined

  put(command: ArbiterCommand): void {
    const wake = this.#wake
    this.#wake = undefined
    if (wake) wake(command)
    else this.#waiting.push(command)
  }

  take(): Promise<ArbiterCommand> {
    const next = this.#waiting.shift()
    if (next !== undefined) return Promise.resolve(next)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
