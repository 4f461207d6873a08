// How much memory the processes of this cgroup may use together (v2: memory.max; v1: memory.limit_in_bytes),
// or the memory of the machine when no limit is set.

import { totalmem } from 'node:os'
import { readGroups, readIfThere, systemCgroups, type CgroupFiles } from './cgroup.ts'

/** Returns bytes: the lowest of all limits. A v1 group without a limit has almost 2^63. */
export function memoryLimit(files: CgroupFiles = systemCgroups, machine = totalmem()): number {
  const texts = [
    ...readGroups(files, 'memory.max'),
    readIfThere(`${files.root}/memory/memory.limit_in_bytes`) ?? '',
  ]
  const limits = texts.map(Number).filter((limit) => limit > 0) // "max" and "" are no limits
  return Math.min(machine, ...limits)
}
