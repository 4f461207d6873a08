// How many processors this process may use: those of its CPU affinity, limited by the CPU quota of the cgroup
// (v2: cpu.max; v1: cpu.cfs_quota_us). os.availableParallelism() ignores the quota.

import { availableParallelism } from 'node:os'
import { readGroups, readIfThere, systemCgroups } from './cgroup.ts'

/** Returns a whole number of 1 or more. `root` is the mount point of cgroups, for tests. */
export function cpuCount(
  root = systemCgroups.root,
  own = systemCgroups.own,
  available = availableParallelism(),
): number {
  const quota = quotaV2(root, own) ?? quotaV1(root)
  return Math.max(1, Math.min(available, quota === undefined ? available : Math.ceil(quota)))
}

/** The lowest quota of this process's group and the groups above it. */
function quotaV2(root: string, own: string): number | undefined {
  const quotas = readGroups({ root, own }, 'cpu.max').flatMap((text) => {
    const [quota, period] = text.split(' ')
    return quota && period && quota !== 'max' ? [Number(quota) / Number(period)] : []
  })
  return quotas.length > 0 ? Math.min(...quotas) : undefined
}

function quotaV1(root: string): number | undefined {
  const quota = Number(readIfThere(`${root}/cpu/cpu.cfs_quota_us`) ?? -1)
  const period = Number(readIfThere(`${root}/cpu/cpu.cfs_period_us`) ?? 0)
  return quota > 0 && period > 0 ? quota / period : undefined
}
