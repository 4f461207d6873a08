// Runs in a worker: whether file descriptors run out. Without one accept(2) fails, and libuv then closes
// connections that a sibling could have served, or the loop spins. So the gate is closed while a few are
// left, for the files and back-end connections of what is open.

import { closeSync } from 'node:fs'
import type { NativeCalls } from '../../os/system/native.ts'

/** Descriptors that connections leave to the app: so many, or a quarter of few. */
const reserve = 32

export type DescriptorCalls = Pick<NativeCalls, 'dup' | 'descriptorLimit'>

/**
 * The kernel gives the lowest free number: if that is near the limit, nearly all are in use. `fd` is any open
 * one.
 */
export function descriptorsAreScarce({ dup, descriptorLimit }: DescriptorCalls, fd: number): boolean {
  const limit = descriptorLimit()
  try {
    const lowest = dup(fd)
    closeSync(lowest)
    return lowest >= limit - Math.min(reserve, Math.floor(limit / 4))
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EMFILE'
  }
}
