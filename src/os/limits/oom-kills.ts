// How many processes of this process's cgroup the kernel's OOM killer has ended (docs: kernel.org, Control
// Group v2, memory.events; v1: memory.oom_control). It distinguishes the kernel's SIGKILL from an operator's.

import { readIfThere, systemCgroups } from './cgroup.ts'

/** Returns undefined where no cgroup counts them. `root` is the mount point of cgroups, for tests. */
export function countOomKills(root = systemCgroups.root, own = systemCgroups.own): number | undefined {
  const groups = readIfThere(own) ?? ''
  const path = /^0::(.*)$/m.exec(groups)?.[1]
  const pathV1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1]
  // In a container the group of this process is mounted at the root, whatever its path is outside.
  return (
    (path === undefined
      ? undefined
      : (countIn(`${root}${path}/memory.events`) ?? countIn(`${root}/memory.events`))) ??
    (pathV1 === undefined
      ? undefined
      : (countIn(`${root}/memory${pathV1}/memory.oom_control`) ??
        countIn(`${root}/memory/memory.oom_control`)))
  )
}

/** Compares the count of OOM kills with that of the last call. */
export class OomKillMonitor {
  readonly #count: () => number | undefined
  #last: number | undefined

  constructor(count: () => number | undefined = countOomKills) {
    this.#count = count
    this.#last = count()
  }

  /** Whether the kernel has killed a process since the last call, or since this object was made. */
  hasKilled(): boolean {
    const before = this.#last
    this.#last = this.#count()
    return before !== undefined && this.#last !== undefined && this.#last > before
  }
}

function countIn(file: string): number | undefined {
  const number = /^oom_kill (\d+)$/m.exec(readIfThere(file) ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}
