// Master and worker: calls the listeners by which a program ends itself, each once, and knows which of them
// are done. A listener is done when its promise has settled, or when it returned without having begun
// anything. Any other one works on: only the program knows for how long.

import { createHook } from 'node:async_hooks'
import { isThenable } from '../type-checks.ts'

export interface ListenerFailure {
  readonly event: string
  readonly error: unknown
}

export class EndListeners {
  readonly #onFailure: (failure: ListenerFailure) => void
  /** Promises that have not settled. */
  #pending = 0
  /** Whether a listener has begun something whose end it does not tell. */
  #works = false

  constructor(onFailure: (failure: ListenerFailure) => void) {
    this.#onFailure = onFailure
  }

  /** Every promise has settled. */
  get isSettled(): boolean {
    return this.#pending === 0
  }

  /** Nothing is known to be unfinished. */
  get isDone(): boolean {
    return this.isSettled && !this.#works
  }

  /** Calls the listeners as `process.emit` would. An error of one does not stop the others. */
  call(process: NodeJS.Process, event: string, parameters: readonly unknown[]): void {
    this.#works = false
    for (const listener of process.rawListeners(event)) {
      try {
        const { result, hasBegun } = watchCall(() => Reflect.apply(listener, process, parameters))
        if (isThenable(result)) this.#await(event, result)
        else this.#works ||= hasBegun
      } catch (error) {
        this.#onFailure({ event, error })
      }
    }
  }

  #await(event: string, result: PromiseLike<unknown>): void {
    this.#pending += 1
    const settled = (): void => void (this.#pending -= 1)
    result.then(settled, (error: unknown) => {
      settled()
      this.#onFailure({ event, error })
    })
  }
}

/** `hasBegun`: the call has made a timer, a request, a promise or anything else that goes on after it. */
function watchCall(call: () => unknown): { readonly result: unknown; readonly hasBegun: boolean } {
  let hasBegun = false
  const hook = createHook({ init: () => void (hasBegun = true) }).enable()
  try {
    const result = call()
    return { result, hasBegun }
  } finally {
    hook.disable()
  }
}
