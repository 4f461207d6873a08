// Runs in the main thread of a worker: whether a debugger may be attached, which may stop the process at any
// time.

import { url as inspectorUrl } from 'node:inspector'

export class DebuggerCheck {
  readonly #onChange: (on: boolean) => void
  #on = false

  constructor(onChange: (on: boolean) => void) {
    this.#onChange = onChange
  }

  /** As of the last check. */
  get isOn(): boolean {
    return this.#on
  }

  check(): boolean {
    const on = inspectorUrl() !== undefined
    if (on !== this.#on) this.#onChange(on)
    this.#on = on
    return on
  }
}
