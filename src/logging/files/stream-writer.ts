// Writes log lines to the master's own standard output or error. Runs in the arbiter.

import { write } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { hasCode } from '../../os/error-code.ts'
import { toError } from '../records/describe-error.ts'
import { UnrotatedWriter } from './unrotated-writer.ts'
import type { Written } from './writer.ts'

/** Milliseconds until a write to a full pipe is tried again. */
const fullInterval = 10

const writeTo = promisify(write)

/**
 * `process.stdout` would block the whole master in write(2) while the reader is stopped; here only a thread
 * of libuv blocks. The stream is never closed or rotated: it belongs to the process that started the server.
 */
export class StreamWriter extends UnrotatedWriter {
  readonly #fd: number
  readonly #patience: number

  /** `patience`: milliseconds that the stream may accept nothing; then the write fails. */
  constructor(fd: number, patience = Infinity) {
    super()
    this.#fd = fd
    this.#patience = patience
  }

  async write(bytes: Buffer): Promise<Written> {
    let done = 0
    let since = performance.now()
    while (done < bytes.length) {
      try {
        done += (await writeTo(this.#fd, bytes, done, bytes.length - done)).bytesWritten
        since = performance.now()
      } catch (error) {
        if (!hasCode(error, 'EAGAIN', 'EWOULDBLOCK')) return { bytes: done, error: toError(error) }
        if (performance.now() - since > this.#patience) return { bytes: done, error: notRead(error) }
        await delay(fullInterval) // another process that shares the stream has made it non-blocking
      }
    }
    return { bytes: done }
  }

  reopen(): Promise<boolean> {
    return Promise.resolve(true)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

function notRead(cause: unknown): Error {
  return new Error('it is full, because no process reads it', { cause })
}
