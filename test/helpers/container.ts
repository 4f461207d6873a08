// What a container changes for a server: a small /dev/shm of its own, and a cgroup with a quota of processor
// time and a limit of memory. Made by hand, as root.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import type { Project } from './tsgun.ts'
import { eventually } from './wait.ts'

const root = '/sys/fs/cgroup'

export interface ContainerLimits {
  /** Processors. */
  readonly cpus: number
  /** Bytes. */
  readonly memory: number
}

/** A file of a cgroup, from its mount point on, and its value. */
type Limit = readonly [hierarchy: string, file: string, value: string]

/** Why there can be none here, or false. */
export const noContainer = reasonAgainst() ?? false

/** Returns the option `limit` of a server that runs in it. The cgroup is removed after the server. */
export function container(project: Project, { cpus, memory }: ContainerLimits): string {
  const isV2 = existsSync(`${root}/cgroup.controllers`)
  const quota = String(cpus * 100_000)
  const limits: readonly Limit[] = isV2
    ? [
        ['', 'cpu.max', `${quota} 100000`],
        ['', 'memory.max', String(memory)],
      ]
    : [
        ['/cpu', 'cpu.cfs_quota_us', quota],
        ['/memory', 'memory.limit_in_bytes', String(memory)],
      ]
  const name = `tsgun-test-${process.pid}-${project.directory.slice(-6)}`
  const groups = new Map(limits.map(([hierarchy]) => [`${root}${hierarchy}`, `${root}${hierarchy}/${name}`]))
  for (const group of groups.values()) mkdirSync(group)
  project.onEnd(async () => {
    for (const group of groups.values()) await eventually(`the end of ${group}`, () => removed(group))
  })
  for (const [hierarchy, file, value] of limits) writeFileSync(`${root}${hierarchy}/${name}/${file}`, value)
  const join = [...groups.values()].map((group) => `echo $$ > ${group}/cgroup.procs`)
  // In a container of v1 the group of the container is at the mount point.
  const binds = isV2 ? [] : [...groups].map(([place, group]) => `mount --bind ${group} ${place}`)
  const inside = ['mount -t tmpfs -o size=64m tmpfs /dev/shm', ...binds, 'exec "$@"'].join(' && ')
  return `${join.join(' && ')} && exec unshare --mount bash -c '${inside}' bash "$@"`
}

/** A process that has just ended may still be in it. */
function removed(group: string): true | undefined {
  try {
    rmdirSync(group)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return undefined
    throw error
  }
}

function reasonAgainst(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  const { status, stderr } = spawnSync(
    'unshare',
    ['--mount', 'bash', '-c', 'mount -t tmpfs -o size=64m tmpfs /dev/shm'],
    { encoding: 'utf8' },
  )
  if (status !== 0) return `no mount namespace can be made here: ${stderr}`
  const group = existsSync(`${root}/cgroup.controllers`) ? root : `${root}/cpu`
  const probe = `${group}/tsgun-test-probe-${process.pid}`
  try {
    mkdirSync(probe)
    const file = group === root ? 'cpu.max' : 'cpu.cfs_quota_us'
    const isThere =
      existsSync(`${probe}/${file}`) && existsSync(`${group === root ? probe : `${root}/memory`}`)
    rmdirSync(probe)
    return isThere ? undefined : 'a new cgroup has no controllers for processor time and memory here'
  } catch (error) {
    return `no cgroup can be made here: ${String(error)}`
  }
}
