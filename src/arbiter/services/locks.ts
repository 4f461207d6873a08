// Runs in the arbiter: the locks of instances of which only one may run. Each instance of a service has an
// open file of its own. Its process locks it before it calls start(), and the kernel releases the lock when
// that process has exited, however it ends. Both arbiters of an upgrade have the same files.

import { closeSync } from 'node:fs'
import { openLockPlace } from '../../os/system/lock-place.ts'
import type { Identity } from '../../os/process/identity.ts'

/** A file, by the name of the service and the number of the instance: `poller/0`. */
export interface InstanceLock {
  readonly name: string
  readonly fd: number
}

export class InstanceLocks {
  readonly #files: Map<string, number>
  readonly #open: typeof openLockPlace

  /** `inherited`: those that the old arbiter of an upgrade has opened. */
  constructor(inherited: readonly InstanceLock[] = [], open = openLockPlace) {
    this.#files = new Map(inherited.map(({ name, fd }) => [name, fd]))
    this.#open = open
  }

  /** Throws an error of the file system when there is no place for a new one. */
  of(service: string, nr: number, owner: Pick<Identity, 'uid' | 'gid'>): number {
    const name = `${service}/${nr}`
    const found = this.#files.get(name) ?? this.#open(owner)
    this.#files.set(name, found)
    return found
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
