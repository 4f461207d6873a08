// The control groups of this process, as the kernel shows them in files (docs: kernel.org, Control Group v2
// and v1).

import { readFileSync } from 'node:fs'

/** Where the files are; tests use others. `own`: the file that names the group of this process. */
export interface CgroupFiles {
  readonly root: string
  readonly own: string
}

export const systemCgroups: CgroupFiles = { root: '/sys/fs/cgroup', own: '/proc/self/cgroup' }

/**
 * Returns the content of a v2 file in the group of this process and in each group above it: all of them
 * limit this process.
 */
export function readGroups({ root, own }: CgroupFiles, file: string): readonly string[] {
  const path = /^0::(.*)$/m.exec(readIfThere(own) ?? '')?.[1]
  if (path === undefined) return []
  const parts = path.split('/').filter((part) => part !== '')
  const groups = [root, ...parts.map((_, index) => [root, ...parts.slice(0, index + 1)].join('/'))]
  return groups.flatMap((group) => readIfThere(`${group}/${file}`)?.trim() ?? [])
}

/** Returns undefined for a file that cannot be read: not every system has cgroups. */
export function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // no cgroups, or not this controller
  }
}
