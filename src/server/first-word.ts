// Runs in the new master of an upgrade: its one line to the old one, that it serves or why it does not. Only
// the first counts.

import type { Predecessor } from '../arbiter/upgrade/handover.ts'
import { announce } from './announce.ts'

export class FirstWord {
  #fd: number | undefined

  /** Without an old master nothing is said. */
  address(predecessor: Pick<Predecessor, 'tell'> | undefined): void {
    this.#fd = predecessor?.tell
  }

  serves(pid: number): void {
    this.#say({ pid })
  }

  failed(reason: string): void {
    this.#say({ failed: reason })
  }

  /** An old master that is gone needs to hear nothing. */
  #say(word: object): void {
    const fd = this.#fd
    this.#fd = undefined
    if (fd !== undefined) announce(fd, `${JSON.stringify(word)}\n`)
  }
}
