// Runs in the arbiter: the file of the control socket. It is created under a temporary name with permission
// for this user only, gets its mode, and is then moved to its path with rename(2): at no moment can another
// user connect.

import { chmodSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, join, resolve as resolvePath } from 'node:path'
import { BindError, explain } from '../listen/bind-error.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { removeOwnSocket, removeStaleSocket, type MadeFile } from '../listen/unix-socket.ts'

export interface SocketPlace {
  readonly path: string
  readonly mode: number
  /** Appended to the path until `promote`: ".2" while the old arbiter of an upgrade has the path itself. */
  readonly suffix?: string
}

/**
 * sun_path of unix(7) has 108 bytes with the final NUL; some of them are for the temporary name and the
 * suffix.
 */
const longestPath = 100

export class SocketFile {
  readonly #path: string
  readonly #made: Omit<MadeFile, 'path'>
  #present: string

  private constructor(path: string, present: string, made: Omit<MadeFile, 'path'>) {
    this.#path = path
    this.#present = present
    this.#made = made
  }

  /**
   * Makes the server listen there. Rejects with a BindError when another server listens there, or another
   * kind of file is at the path.
   */
  static async listen(server: Server, { path, mode, suffix = '' }: SocketPlace): Promise<SocketFile> {
    const whole = resolvePath(path)
    const place = `${whole}${suffix}`
    const temporary = join(dirname(whole), `.${process.pid.toString(36)}`)
    try {
      checkPath(whole)
      await removeStaleSocket(place)
      rmSync(temporary, { force: true }) // left by a killed process with the same pid
      await listenPrivately(server, temporary)
      chmodSync(temporary, mode)
      const { dev, ino } = lstatSync(temporary)
      renameSync(temporary, place)
      return new SocketFile(whole, place, { dev, ino })
    } catch (error) {
      server.close()
      throw new BindError(`control_socket: ${explain({ kind: 'unix', path: place }, error)}`, {
        cause: error,
      })
    }
  }

  /** The path at this moment. */
  get present(): string {
    return this.#present
  }

  /** After an upgrade: moves it to the path of the old arbiter. */
  promote(): void {
    if (this.#present === this.#path) return
    renameSync(this.#present, this.#path)
    this.#present = this.#path
  }

  /**
   * Removes the file, unless another arbiter has put its own there. Returns the reason when that fails.
   */
  remove(): string | undefined {
    try {
      removeOwnSocket({ path: this.#present, ...this.#made })
      return undefined
    } catch (error) {
      return describeError(error).message
    }
  }
}

function checkPath(path: string): void {
  if (Buffer.byteLength(path) > longestPath)
    throw new Error(`the path of a control socket is at most ${longestPath} bytes`)
  statSync(dirname(path)) // throws ENOENT, for which libuv reports EACCES
}

/** bind(2) creates the file synchronously, with the umask of this moment. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      resolve()
    })
    const before = process.umask(0o177)
    try {
      server.listen({ path, exclusive: true })
    } finally {
      process.umask(before)
    }
  })
}
