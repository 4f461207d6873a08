// Runs in a worker: how much memory it uses, for its beats. Takes about 10 microseconds (with memory of
// preload() about 50), at most a few times a second, and never in a request.

import { readFileSync } from 'node:fs'
import v8 from 'node:v8'

/** Bytes. V8 ends the process when the old generation of its heap cannot stay below its limit. */
export interface Memory {
  readonly rss: number
  readonly heapUsed: number
  readonly heapLimit: number
}

/** Where objects are allocated; those that survive are moved to the old generation. */
const youngSpaces: readonly string[] = ['new_space', 'new_large_object_space']

/** `shares`: pages that this process shares with others do not count. */
export function measureMemory(heapLimit: number, shares = false): Memory {
  let heapUsed = 0
  for (const { space_name, space_used_size } of v8.getHeapSpaceStatistics())
    if (!youngSpaces.includes(space_name)) heapUsed += space_used_size
  return { rss: process.memoryUsage.rss() - (shares ? sharedResident() : 0), heapUsed, heapLimit }
}

/** Bytes of shared memory that this process has used (proc(5)); a page that it has changed is its own. */
export function sharedResident(read = (): string => readFileSync('/proc/self/status', 'utf8')): number {
  try {
    return Number(/^RssShmem:\s+(\d+) kB$/m.exec(read())?.[1] ?? 0) * 1024
  } catch {
    return 0 // not Linux
  }
}

/**
 * Returns the limit of the old generation in bytes. V8 reports only one for old and young together, and the
 * young part differs: 48 MB in Node.js 20 and 22, 192 in 24, 96 in 26 (measured), or as --max-semi-space-size
 * says.
 */
export function oldSpaceLimit(
  options = `${process.env['NODE_OPTIONS'] ?? ''} ${process.execArgv.join(' ')}`,
  whole = v8.getHeapStatistics().heap_size_limit,
  version = process.versions.node,
): number {
  const old = megabytes(options, 'max-old-space-size')
  if (old !== undefined) return Math.min(old, whole)
  const semi = megabytes(options, 'max-semi-space-size')
  const young = semi === undefined ? defaultYoung(Number.parseInt(version, 10)) : 3 * semi
  return whole - Math.min(young, whole / 3)
}

function defaultYoung(major: number): number {
  return (major < 24 ? 48 : major < 26 ? 192 : 96) * 2 ** 20
}

/** The last occurrence counts. V8 accepts `_` for `-`. */
function megabytes(options: string, name: string): number | undefined {
  const pattern = new RegExp(`(?:^|\\s)--${name.replaceAll('-', '[-_]')}[= ](\\d+)`, 'g')
  const value = Number([...options.matchAll(pattern)].at(-1)?.[1] ?? 0)
  return value > 0 ? value * 2 ** 20 : undefined
}
