// Why a file cannot be made, opened or written, for an operator who knows its path already. Any process.

import { dirname } from 'node:path'
import { userInfo } from 'node:os'
import { errorCode } from './error-code.ts'

const reasons: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `there is no directory ${dirname(path)}`,
  ENOTDIR: (path) => `${dirname(path)} is not a directory`,
  EISDIR: () => 'it is a directory',
  EACCES: (path) => `permission denied: ${thisUser()} may not write it, or not enter ${dirname(path)}`,
  EPERM: (path) => `permission denied: ${thisUser()} may not write it, or not enter ${dirname(path)}`,
  EROFS: () => 'the file system is read-only',
  ENOSPC: () => 'the disk is full',
  EDQUOT: () => 'the disk quota is used up',
  ENAMETOOLONG: () => 'the name is too long',
  ELOOP: () => 'the path has a loop of symlinks',
  EMFILE: () =>
    'too many open files in this process; raise the limit: ulimit -n, or LimitNOFILE= of the unit',
  ENFILE: () => 'the system has too many open files; raise fs.file-max (sysctl)',
}

/** Returns the reason without the path; the message of the error if its code is not known. */
export function fileProblem(error: unknown, path: string): string {
  const reason = reasons[errorCode(error) ?? '']
  if (reason !== undefined) return reason(path)
  return error instanceof Error ? error.message : String(error)
}

/** The user of this process: its name, or its number if it has none. */
export function thisUser(): string {
  try {
    return `the user ${userInfo().username}`
  } catch {
    return `the user ${process.geteuid?.() ?? ''}` // no entry in passwd(5), as in containers
  }
}
