// Runs in the new arbiter of an upgrade: its one message to the old one, that it serves or why it does not.
// Only the first counts.

import type { Predecessor } from '../arbiter/upgrade/handover.ts'
import { announce } from './ready-descriptor.ts'

export class SuccessorMessage {
  #fd: number | undefined

  /** Without an old arbiter nothing is sent. */
  constructor(predecessor: Pick<Predecessor, 'tell'> | undefined) {
    this.#fd = predecessor?.tell
  }

  serves(pid: number): void {
    this.#send({ pid })
  }

  failed(reason: string): void {
    this.#send({ failed: reason })
  }

  /** That the old arbiter no longer reads is not an error: it has exited. */
  #send(message: object): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) announce(fd, `${JSON.stringify(message)}\n`)
  }
}
