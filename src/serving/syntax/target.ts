// Runs in a worker: the target of a request, in the form that fits its method (RFC 9112, 3.2). Pure.

import { isHost } from './host.ts'

/** A path with a query, of printable ASCII characters and without a fragment. */
const originForm = /^\/[!-"$-~]*$/
const absoluteForm = /^https?:\/\/([^/?]+)(?:[/?][!-"$-~]*)?$/i
const authorityForm = /:\d+$/

/** Returns what is wrong, or undefined. */
export function findTargetProblem(method: string, target: string): string | undefined {
  if (method === 'CONNECT') return isAuthority(target) ? undefined : 'CONNECT needs a host and a port'
  if (originForm.test(target)) return undefined
  if (target === '*') return method === 'OPTIONS' ? undefined : `the target * is only for OPTIONS`
  if (target.includes('#')) return 'the target has a fragment'
  const authority = authorityOf(target)
  if (authority === undefined) return 'the target is neither a path nor an http URL of printable ASCII'
  return isHost(authority) ? undefined : 'the host of the target is not valid'
}

/** Returns the host and port of a target in absolute form, undefined for another form. */
export function authorityOf(target: string): string | undefined {
  return absoluteForm.exec(target)?.[1]
}

const isAuthority = (target: string): boolean => authorityForm.test(target) && isHost(target)
