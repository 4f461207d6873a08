// How much memory the processes of this cgroup may still take (v2), or how much the machine has left.

import { freemem } from 'node:os'
import { readGroups, systemCgroups, type CgroupFiles } from './cgroup.ts'
import { memoryLimit } from './memory-limit.ts'

/**
 * Returns bytes. The cache of files counts as free: the kernel drops it when memory is wanted. `machine`:
 * what is free on the machine, counted in the same way.
 */
export function freeMemory(files: CgroupFiles = systemCgroups, machine = freemem()): number {
  const [limits, used, statistics] = ['memory.max', 'memory.current', 'memory.stat'].map((file) =>
    readGroups(files, file).toReversed(),
  )
  // The group at the root has no limit, and not all of the files: from the innermost group they are in step.
  const left = (limits ?? []).map((limit, index) => {
    const current = Number(used?.[index] ?? 0)
    return limit === 'max' ? machine : Number(limit) - current + cacheOf(statistics?.[index] ?? '')
  })
  return Math.max(0, Math.min(machine, memoryLimit(files, machine), ...left))
}

function cacheOf(statistics: string): number {
  const figures = [...statistics.matchAll(/^(?:in)?active_file (\d+)$/gm)]
  return figures.reduce((sum, [, bytes]) => sum + Number(bytes), 0)
}
