// Runs in the arbiter: the locks of instances of which only one may run. Each instance of a service has an
// open file of its own. Its process locks it before it calls start(), and the kernel releases the lock when
// that process has exited, however it ends. Both arbiters of an upgrade have the same files.

import { closeSync } from 'node:fs'
import { giveLockPlace, openLockPlace, type LockOwner } from '../../os/system/lock-place.ts'

/** A file, by the name of the service and the number of the instance: `poller/0`. */
export interface InstanceLock {
  readonly name: string
  readonly fd: number
}

export interface LockPlace {
  open(owner: LockOwner): number
  give(fd: number, owner: LockOwner): void
}

const realPlace: LockPlace = { open: openLockPlace, give: giveLockPlace }

export class InstanceLocks {
  readonly #files: Map<string, number>
  readonly #place: LockPlace

  /** `inherited`: those that the old arbiter of an upgrade has opened. */
  constructor(inherited: readonly InstanceLock[] = [], place = realPlace) {
    this.#files = new Map(inherited.map(({ name, fd }) => [name, fd]))
    this.#place = place
  }

  /** Throws an error of the file system when there is no place for a new one. */
  of(service: string, nr: number, owner: LockOwner): number {
    const name = `${service}/${nr}`
    const found = this.#files.get(name)
    if (found !== undefined) {
      this.#place.give(found, owner) // a reload may have changed the user of the service
      return found
    }
    const opened = this.#place.open(owner)
    this.#files.set(name, opened)
    return opened
  }

  all(): readonly InstanceLock[] {
    return [...this.#files].map(([name, fd]) => ({ name, fd }))
  }

  /** The server has ended; a program that has created it may live on. */
  close(): void {
    for (const fd of this.#files.values()) closeSync(fd)
    this.#files.clear()
  }
}
