// How many processes of this process's own cgroup the kernel has killed for want of memory (docs: kernel.org,
// Control Group v2, memory.events; v1: memory.oom_control). It tells the kernel's SIGKILL from a person's.

import { readIfThere, systemCgroups } from './cgroup.ts'

/** Undefined where no cgroup counts them. `root` is the mount point of cgroups, for tests. */
export function countOomKills(root = systemCgroups.root, own = systemCgroups.own): number | undefined {
  const groups = readIfThere(own) ?? ''
  const path = /^0::(.*)$/m.exec(groups)?.[1]
  const pathV1 = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1]
  // In a container the own group is mounted at the root, whatever its path is outside.
  return (
    (path === undefined
      ? undefined
      : (counted(`${root}${path}/memory.events`) ?? counted(`${root}/memory.events`))) ??
    (pathV1 === undefined
      ? undefined
      : (counted(`${root}/memory${pathV1}/memory.oom_control`) ??
        counted(`${root}/memory/memory.oom_control`)))
  )
}

/** Knows whether the kernel has killed somebody since it was last asked. */
export class OomWitness {
  readonly #count: () => number | undefined
  #seen: number | undefined

  constructor(count: () => number | undefined = countOomKills) {
    this.#count = count
    this.#seen = count()
  }

  hasKilled(): boolean {
    const before = this.#seen
    this.#seen = this.#count()
    return before !== undefined && this.#seen !== undefined && this.#seen > before
  }
}

function counted(file: string): number | undefined {
  const number = /^oom_kill (\d+)$/m.exec(readIfThere(file) ?? '')?.[1]
  return number === undefined ? undefined : Number(number)
}
