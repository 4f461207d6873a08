// Whether files can still be opened, and a descriptor for when they cannot. Any process.

import { closeSync, openSync } from 'node:fs'
import { hasCode } from '../error-code.ts'

/** Throws the error of open(2), such as EMFILE, unless that many descriptors are free. */
export function requireDescriptors(count: number): void {
  const open: number[] = []
  try {
    while (open.length < count) open.push(openSync('/dev/null', 'r'))
  } finally {
    for (const fd of open) closeSync(fd)
  }
}

/** Kept open for what has to be done also when no descriptor is free. */
export class SpareDescriptor {
  #fd = openOrNone()

  /** Runs a step again, with one free descriptor, if it fails because there was none. */
  run(step: () => void): void {
    try {
      step()
    } catch (error) {
      if (this.#fd === undefined || !isShortage(error)) throw error
      closeSync(this.#fd)
      try {
        step()
      } finally {
        this.#fd = openOrNone()
      }
    }
  }
}

/** rmSync of Node.js 24 gives the error no code. */
function isShortage(error: unknown): boolean {
  return hasCode(error, 'EMFILE', 'ENFILE') || /too many open files/i.test(String(error))
}

function openOrNone(): number | undefined {
  try {
    return openSync('/dev/null', 'r')
  } catch {
    return undefined // no descriptor is free
  }
}
