// Runs in the arbiter: the control socket through the life of a arbiter. What serves it is passed in, so that
// the arbiter does not know HTTP. The new arbiter of an upgrade has `.2` behind the path until it is the only
// one.

import type { Settings } from '../../config/settings/table.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { Emit } from '../model/events.ts'

/** The control socket, open. */
export interface OpenControl {
  /** Takes the path of the old arbiter. */
  promote(): void
  /** Returns why its file could not be removed, if so. */
  close(): string | undefined
}

/**
 * Resolves with undefined when the settings do not ask for one; rejects with a BindError. `suffix`: behind
 * its path, until it is promoted.
 */
export type OpenControlSocket = (settings: Settings, suffix: string) => Promise<OpenControl | undefined>

export class ControlSocket {
  readonly #open: OpenControlSocket
  readonly #emit: Emit
  #control: OpenControl | undefined

  constructor(open: OpenControlSocket, emit: Emit) {
    this.#open = open
    this.#emit = emit
  }

  /** Rejects with a BindError. */
  async open(settings: Settings, suffix: string): Promise<void> {
    this.#control = await this.#open(settings, suffix)
  }

  /** The old arbiter has exited. */
  promote(): void {
    try {
      this.#control?.promote()
    } catch (error) {
      this.#warn(`the control socket keeps its name that ends with .2: ${describeError(error).message}`)
    }
  }

  close(): void {
    const problem = this.#control?.close()
    this.#control = undefined
    if (problem !== undefined) this.#warn(`the control socket is not removed: ${problem}`)
  }

  #warn(message: string): void {
    this.#emit({ type: 'warning', message })
  }
}
