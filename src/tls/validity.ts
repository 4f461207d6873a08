// Runs in the arbiter and the command line: from when to when a certificate is valid, and whether its chain
// is in order. Pure.

import type { X509Certificate } from 'node:crypto'
import { basename } from 'node:path'
import type { TlsProblem } from './problem.ts'

/** Milliseconds. */
export const day = 86_400_000
/** Days before the end of a certificate from which on the log warns of it. */
export const expirySoon = 30

/** `2027-02-28`, in UTC. `time`: milliseconds since the epoch. */
export const dateOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

const minuteOf = (text: string): string =>
  new Date(Date.parse(text)).toISOString().slice(0, 16).replace('T', ' ')

export function validityProblem(path: string, leaf: X509Certificate, now: number): TlsProblem | undefined {
  const { validFrom, validTo } = leaf
  if (now >= Date.parse(validTo))
    return {
      setting: 'certfile',
      message: `${path} has expired: it was valid until ${minuteOf(validTo)} UTC; renew it`,
    }
  if (now < Date.parse(validFrom))
    return {
      setting: 'certfile',
      message:
        `${path} is not valid yet: it is valid from ${minuteOf(validFrom)} UTC, and the clock of this ` +
        `machine says ${new Date(now).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    }
  return undefined
}

/** What is said of a certificate in use; undefined as long as it is valid for more than 30 days. */
export function expiryWarning(path: string, expires: number, now: number): string | undefined {
  const left = Math.floor((expires - now) / day)
  if (left >= expirySoon) return undefined
  const date = new Date(expires).toISOString().slice(0, 16).replace('T', ' ')
  if (now >= expires)
    return `the certificate ${path} has expired (${date} UTC), and clients refuse it; renew it`
  const words = left === 0 ? 'in less than a day' : `in ${left} ${left === 1 ? 'day' : 'days'}`
  return `the certificate ${path} expires ${words} (${date} UTC); renew it`
}

/** What works with most clients, but not with all. */
export function chainWarnings(
  path: string,
  chain: readonly X509Certificate[],
  now: number,
): readonly string[] {
  const expired = chain.findIndex((each, place) => place > 0 && now >= Date.parse(each.validTo))
  const loose = chain.findIndex((each, place) => {
    const next = chain[place + 1]
    return next !== undefined && !each.checkIssued(next)
  })
  return [
    ...(expired > 0
      ? [`certificate ${expired + 1} in ${path}, of an authority, has expired; get the present chain`]
      : []),
    ...(loose >= 0
      ? [
          `certificate ${loose + 2} in ${path} has not issued the one before it; some clients need each ` +
            'certificate behind the one that it has issued',
        ]
      : []),
    ...(isOnlyLeaf(path, chain)
      ? [`${path} has no intermediate certificates, without which many clients refuse it; use fullchain.pem`]
      : []),
  ]
}

/** certbot writes the certificate alone to cert.pem, beside fullchain.pem. */
function isOnlyLeaf(path: string, [leaf, ...others]: readonly X509Certificate[]): boolean {
  return basename(path) === 'cert.pem' && others.length === 0 && leaf?.issuer !== leaf?.subject
}
