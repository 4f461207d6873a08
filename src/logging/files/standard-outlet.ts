// Runs in the arbiter: the master's own standard output or error as a place for lines.

import { write } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { toError } from '../records/describe-error.ts'
import { isFull } from '../pipe/is-full.ts'
import type { Outlet, Rotation, Written } from './outlet.ts'

/** Milliseconds until a stream that takes nothing now is asked again. */
const fullInterval = 10

const writeTo = promisify(write)

/**
 * `process.stdout` would wait in write(2) for a reader that has stopped, and the whole master with it; here
 * only a thread of libuv waits. It is never closed or rotated: whoever started the server owns it.
 */
export class StandardOutlet implements Outlet {
  readonly room = Infinity
  readonly #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  follow(): void {
    // It has neither a mode nor a rotation.
  }

  async write(bytes: Buffer): Promise<Written> {
    let done = 0
    while (done < bytes.length) {
      try {
        done += (await writeTo(this.#fd, bytes, done, bytes.length - done)).bytesWritten
      } catch (error) {
        if (!isFull(error)) return { bytes: done, error: toError(error) }
        await delay(fullInterval) // somebody who shares it has made it non-blocking
      }
    }
    return { bytes: done }
  }

  reopen(): Promise<boolean> {
    return Promise.resolve(true)
  }

  check(): Promise<undefined> {
    return Promise.resolve(undefined)
  }

  isDue(): boolean {
    return false
  }

  rotate(): Promise<Rotation> {
    return Promise.resolve('empty')
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
