// Runs in the arbiter: the setting `pidfile`, the file with the arbiter's process id, through the life of a
// arbiter. The arbiter holds a lock on it until it exits. The new arbiter of an upgrade has `.2` behind the
// name until it is the only one.

import { closeSync, readFileSync, renameSync, unlinkSync } from 'node:fs'
import { resolve } from 'node:path'
import { describeError } from '../../logging/records/describe-error.ts'
import { hasCode } from '../../os/error-code.ts'
import type { Emit } from '../model/events.ts'
import { claim } from './pidfile-claim.ts'
import { ownerOf, type Locks } from '../../os/process/pidfile-owner.ts'

export class Pidfile {
  readonly #name: string | null
  readonly #emit: Emit
  readonly #locks: Locks
  /** The path of the file that this process has made. */
  #path: string | undefined
  /** Its descriptor, which holds the lock. */
  #fd: number | undefined

  /** `name`: the setting. Nothing is written yet. */
  constructor(name: string | null, emit: Emit, locks: Locks) {
    this.#name = name
    this.#emit = emit
    this.#locks = locks
  }

  /** Throws a PidfileError when the file belongs to a running master. A stale one is replaced. */
  create(suffix: string): void {
    if (this.#name === null) return
    const path = resolve(`${this.#name}${suffix}`)
    this.#fd = claim(path, this.#locks)
    this.#path = path
  }

  /** Takes the name of the old arbiter, which may have left its file behind. `from`: its pid. */
  promote(from: number): void {
    if (this.#name === null || this.#path === undefined) return
    const problem = this.#rename(resolve(this.#name), from)
    if (problem !== undefined)
      this.#emit({ type: 'warning', message: `the pidfile keeps its name ${this.#name}.2: ${problem}` })
  }

  /** Removes the file, unless it no longer holds this process's id. */
  remove(): void {
    const path = this.#path
    this.#path = undefined
    if (path === undefined) return
    const found = removeOwn(path)
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
    if (found !== undefined) this.#emit({ type: 'pidfile_lost', path, found })
  }

  /** Returns why it could not be renamed. */
  #rename(to: string, from: number): string | undefined {
    try {
      const owner = ownerOf(to, this.#locks)
      if (owner !== undefined && owner !== String(from)) return `${to} belongs to process ${owner}`
      renameSync(this.#path ?? '', to)
      this.#path = to
      return undefined
    } catch (error) {
      return describeError(error).message
    }
  }
}

/** Returns why the file stays, if it does. */
function removeOwn(path: string): string | undefined {
  try {
    const found = read(path)
    if (found === undefined) return 'it no longer exists'
    const id = found.trim()
    if (id !== String(process.pid))
      return `it no longer holds this master's id (it holds ${JSON.stringify(id.slice(0, 20))})`
    unlinkSync(path)
    return undefined
  } catch (error) {
    return describeError(error).message
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
