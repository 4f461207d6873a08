// How much memory this process may use together with all others of its cgroup (v2: memory.max; v1:
// memory.limit_in_bytes), or of the machine when nothing limits it.

import { totalmem } from 'node:os'
import { readGroups, readIfThere, systemCgroups, type CgroupFiles } from './cgroup.ts'

/**
 * Bytes: the least of all limits. A v1 group without one says almost 2^63, which is more than any machine
 * has.
 */
export function memoryLimit(files: CgroupFiles = systemCgroups, machine = totalmem()): number {
  const texts = [
    ...readGroups(files, 'memory.max'),
    readIfThere(`${files.root}/memory/memory.limit_in_bytes`) ?? '',
  ]
  const limits = texts.map(Number).filter((limit) => limit > 0) // "max" and "" are none
  return Math.min(machine, ...limits)
}
