// Limits of the kernel for a process and for the network, from /proc. Undefined where there is no such file.

import { readIfThere } from '../../os/limits/cgroup.ts'

/** RLIMIT_NOFILE of a process. Node.js raises its own to the hard limit, and workers inherit that. */
export function openFilesLimit(pid: number | 'self'): number | undefined {
  const text = readIfThere(`/proc/${pid}/limits`) ?? ''
  const soft = /^Max open files\s+(\S+)/m.exec(text)?.[1]
  if (soft === undefined) return undefined
  return soft === 'unlimited' ? Infinity : Number(soft)
}

export function somaxconn(): number | undefined {
  const text = readIfThere('/proc/sys/net/core/somaxconn')
  return text === undefined ? undefined : Number(text)
}

export interface PortRanges {
  readonly outgoing: string
  readonly reserved: string
}

export function portRanges(): PortRanges {
  const read = (name: string): string => readIfThere(`/proc/sys/net/ipv4/${name}`) ?? ''
  return { outgoing: read('ip_local_port_range'), reserved: read('ip_local_reserved_ports') }
}
