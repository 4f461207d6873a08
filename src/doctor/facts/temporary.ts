// Whether compiled code can be stored, and how much space is left on a disk.

import { mkdtempSync, rmdirSync, statfsSync } from 'node:fs'
import { join } from 'node:path'
import { errorCode } from '../../os/error-code.ts'

export interface Space {
  readonly path: string
  /** Why a directory could not be made there; undefined when it could. */
  readonly problem: string | undefined
  /** Bytes that this user may still write; undefined where it is not known. */
  readonly free: number | undefined
}

/** Makes a directory there and removes it. */
export function temporarySpace(path: string): Space {
  try {
    rmdirSync(mkdtempSync(join(path, 'tsgun-doctor-')))
    return { path, problem: undefined, free: freeSpace(path)?.free }
  } catch (error) {
    return { path, problem: errorCode(error) ?? String(error), free: undefined }
  }
}

/** Undefined for a directory that cannot be reached: checkPlace tells that. */
export function freeSpace(path: string): { readonly free: number; readonly total: number } | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(path)
    return { free: bavail * bsize, total: blocks * bsize }
  } catch {
    return undefined
  }
}
