// Runs in the process that orders a certificate: why the authority has not issued it, in its own words.

import { isObject } from '../os/type-checks.ts'

/** The message is complete. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  /** Milliseconds that the authority wants this server to wait. */
  readonly retryAfter: number

  constructor(message: string, retryAfter: number, cause: unknown) {
    super(message, { cause })
    this.retryAfter = retryAfter
  }
}

const prefix = 'urn:ietf:params:acme:error:'

/**
 * Returns the sentence of a problem document (RFC 7807), as a response has it, or the object that is wrong:
 * an order, a challenge. Undefined for what has none.
 */
export function problemIn(body: unknown): string | undefined {
  if (!isObject(body)) return undefined
  const document = isObject(body['error']) ? body['error'] : body
  const { type, detail, subproblems } = document
  if (typeof type !== 'string' || typeof detail !== 'string') return undefined
  const parts = Array.isArray(subproblems) ? subproblems.flatMap(partOf) : []
  return [detail, ...parts].join('; ') + ` (${type.startsWith(prefix) ? type.slice(prefix.length) : type})`
}

/** RFC 8555, 6.7.1: one name of several. */
function partOf(problem: unknown): string[] {
  if (!isObject(problem) || typeof problem['detail'] !== 'string') return []
  const identifier = isObject(problem['identifier']) ? problem['identifier']['value'] : undefined
  return [typeof identifier === 'string' ? `${identifier}: ${problem['detail']}` : problem['detail']]
}

/** Milliseconds. What an authority asks for by mistake must not last until the certificate has ended. */
const longestWait = 86_400_000

/** The header Retry-After in milliseconds; 0 without one. */
export function retryAfterOf(value: unknown, now: number): number {
  if (typeof value !== 'string') return 0
  const wait = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(wait) ? Math.min(Math.max(0, wait), longestWait) : 0
}
