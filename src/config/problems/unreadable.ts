// Runs in the arbiter: why a config file that exists cannot be read. Node's own message names neither the
// target of a link nor the user.

import { readlinkSync } from 'node:fs'
import { userInfo } from 'node:os'
import { errorCode } from '../../os/error-code.ts'

/** Returns the reason; undefined for an error that is not about this file. */
export function whyUnreadable(file: string, error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined
  if ('path' in error && error.path !== file) return undefined
  const code = errorCode(error) ?? ''
  return Object.hasOwn(reasons, code) ? reasons[code]?.(file) : undefined
}

const reasons: Readonly<Record<string, (file: string) => string | undefined>> = {
  ENOENT(file) {
    const target = targetOf(file)
    return target === undefined ? undefined : `it is a link to ${target}, which does not exist`
  },
  ELOOP: () => 'it is a link that leads back to itself',
  EISDIR: () => 'it is a directory, not a file',
  EACCES: () => `it cannot be read by ${userName()}: permission denied`,
  EPERM: () => `it cannot be read by ${userName()}: permission denied`,
}

function targetOf(file: string): string | undefined {
  try {
    return readlinkSync(file)
  } catch {
    return undefined // it is no link
  }
}

function userName(): string {
  try {
    return `user ${userInfo().username}`
  } catch {
    return `user ${process.geteuid?.() ?? ''}` // it has no passwd entry
  }
}
