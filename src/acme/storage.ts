// Runs in the process that orders a certificate: the files in `storage`. Only this user may read them, each
// appears as a whole, and of several processes that make the same file all use the first one's.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { hasCode } from '../os/error-code.ts'
import { fileProblem } from '../os/file-problem.ts'
import { tryLock, type LockResult } from '../os/system/file-lock.ts'
import { loadNative } from '../os/system/native.ts'
import type { AcmePlaces } from '../tls/acme-settings.ts'

/** Throws an Error that names the directory. */
export function makeFolders({ storage, folder }: Pick<AcmePlaces, 'storage' | 'folder'>): void {
  for (const path of [storage, folder])
    explained(path, () => {
      mkdirSync(path, { recursive: true, mode: 0o700 })
    })
}

/** Undefined when it does not exist. */
export function readIfThere(path: string): string | undefined {
  return explained(path, () => {
    try {
      return readFileSync(path, 'utf8')
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }
  })
}

/** Replaces what is there. */
export function replaceFile(path: string, text: string): void {
  withTemporary(path, text, (temporary) => renameSync(temporary, path))
}

/** Returns the content of the file: this text, or that of a process that was faster. */
export function createFile(path: string, text: string): string {
  withTemporary(path, text, (temporary) => {
    try {
      linkSync(temporary, path)
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) renameSync(temporary, path) // some file systems have no hard links
    }
  })
  return readIfThere(path) ?? text
}

export function removeFile(path: string): void {
  explained(path, () => rmSync(path, { force: true }))
}

/**
 * Tries to lock the file, without waiting. The lock lasts until this process ends, however it ends.
 * `unavailable`: this platform or file system has no locks.
 */
export function lockFor(path: string): LockResult {
  const native = loadNative()
  if (native instanceof Error) return 'unavailable'
  const fd = explained(path, () => openSync(path, 'a', 0o600))
  return tryLock(native, fd, 'exclusive')
}

function withTemporary(path: string, text: string, place: (temporary: string) => void): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}`
  explained(path, () => {
    try {
      const fd = openSync(temporary, 'wx', 0o600)
      try {
        writeSync(fd, text)
        fsyncSync(fd)
      } finally {
        closeSync(fd)
      }
      place(temporary)
    } finally {
      rmSync(temporary, { force: true })
    }
  })
}

function explained<Result>(path: string, step: () => Result): Result {
  try {
    return step()
  } catch (error) {
    throw new Error(`storage: ${path} cannot be used: ${fileProblem(error, path)}`, { cause: error })
  }
}
