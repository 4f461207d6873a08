// Runs in a worker: cancels calls when their signals are aborted. One listener for each signal, however many
// calls it cancels: Node warns of more than ten.

export interface Cancellable {
  cancel(reason: unknown): void
}

export class AbortWatch {
  readonly #calls = new WeakMap<AbortSignal, Set<Cancellable>>()

  add(signal: AbortSignal, call: Cancellable): void {
    const calls = this.#calls.get(signal)
    if (calls) return void calls.add(call)
    this.#calls.set(signal, new Set([call]))
    signal.addEventListener('abort', this)
  }

  delete(signal: AbortSignal, call: Cancellable): void {
    const calls = this.#calls.get(signal)
    if (calls?.delete(call) !== true || calls.size > 0) return
    this.#calls.delete(signal)
    signal.removeEventListener('abort', this)
  }

  handleEvent({ target: signal }: Event): void {
    if (!(signal instanceof AbortSignal)) return
    const calls = this.#calls.get(signal) ?? []
    this.#calls.delete(signal)
    for (const call of calls) call.cancel(signal.reason)
  }
}
