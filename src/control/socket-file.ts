// Runs in the arbiter: where the control socket lies. It is made under a name that nobody looks for, in a
// state in which only this user may connect, gets its mode, and then takes its place by rename(2): no moment
// at which somebody else could connect.

import { chmodSync, lstatSync, renameSync, rmSync, statSync } from 'node:fs'
import type { Server } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { BindError, explain } from '../listen/bind-error.ts'
import { describeError } from '../logging/records/describe-error.ts'
import { removeOwnSocket, removeStaleSocket, type MadeFile } from '../listen/unix-socket.ts'

export interface SocketPlace {
  readonly path: string
  readonly mode: number
  /** Behind the path until `promote`: ".2" while the old master of an upgrade has the path itself. */
  readonly suffix?: string
}

/**
 * sun_path of unix(7) holds 108 bytes with the final NUL; the temporary name and the suffix need some of
 * them.
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
   * Makes the server listen there. Rejects with a BindError when another one answers there, or something else
   * is at the path.
   */
  static async listen(server: Server, { path, mode, suffix = '' }: SocketPlace): Promise<SocketFile> {
    const whole = resolve(path)
    const place = `${whole}${suffix}`
    const temporary = join(dirname(whole), `.${process.pid.toString(36)}`)
    try {
      checkPath(whole)
      await removeStaleSocket(place)
      rmSync(temporary, { force: true }) // left by a process of the same id that was killed just then
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

  /** Where it is at this moment. */
  get present(): string {
    return this.#present
  }

  /** The new master of an upgrade takes the place of the old one. */
  promote(): void {
    if (this.#present === this.#path) return
    renameSync(this.#present, this.#path)
    this.#present = this.#path
  }

  /**
   * If it is still the one that was made: another master may have put its own there. Answers what prevents
   * it, if something does.
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
  statSync(dirname(path)) // libuv says EACCES where it is ENOENT
}

/** bind(2) makes the file at once, with the umask of this moment. */
function listenPrivately(server: Server, path: string): Promise<void> {
  return new Promise((fulfil, reject) => {
    server.once('error', reject)
    server.once('listening', () => {
      server.off('error', reject)
      fulfil()
    })
    const before = process.umask(0o177)
    try {
      server.listen({ path, exclusive: true })
    } finally {
      process.umask(before)
    }
  })
}
