// How many processors this process may really use: what the kernel's affinity allows, cut by the CPU quota of the cgroup
// (docs: kernel.org, Control Group v2, cpu.max; v1: cpu.cfs_quota_us). os.availableParallelism() knows nothing of the quota.

import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'

/** A whole number of 1 or more. `root` is the mount point of cgroups, for tests. */
export function cpuCount(root = '/sys/fs/cgroup', own = '/proc/self/cgroup', available = availableParallelism()): number {
  const quota = quotaV2(root, own) ?? quotaV1(root)
  return Math.max(1, Math.min(available, quota === undefined ? available : Math.ceil(quota)))
}

/** The least quota of the own group and the groups above it. */
function quotaV2(root: string, own: string): number | undefined {
  const path = /^0::(.*)$/m.exec(read(own) ?? '')?.[1]
  if (path === undefined) return undefined
  const parts = path.split('/').filter((part) => part !== '')
  const groups = [root, ...parts.map((_, index) => [root, ...parts.slice(0, index + 1)].join('/'))]
  const quotas = groups.flatMap((group) => {
    const [quota, period] = (read(`${group}/cpu.max`) ?? '').trim().split(' ')
    return quota && period && quota !== 'max' ? [Number(quota) / Number(period)] : []
  })
  return quotas.length > 0 ? Math.min(...quotas) : undefined
}

function quotaV1(root: string): number | undefined {
  const quota = Number(read(`${root}/cpu/cpu.cfs_quota_us`) ?? -1)
  const period = Number(read(`${root}/cpu/cpu.cfs_period_us`) ?? 0)
  return quota > 0 && period > 0 ? quota / period : undefined
}

/** A file that is not there is no limit: not every system has cgroups. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
