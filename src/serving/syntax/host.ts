// Runs in a worker: a host with an optional port, as Host has it: `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC
// 3986, 3.2.2). Pure.

import { isIPv6 } from 'node:net'

export interface HostParts {
  /** A name, an IPv4 address, or an IPv6 address in brackets. */
  readonly name: string
  readonly port: number | undefined
}

/**
 * A name is of unreserved characters, sub-delims and %-escapes. RFC 3986 allows a comma, but no host has one,
 * and proxies join two fields with it.
 */
const pattern = /^(\[[^\]]*\]|(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})+)(?::(\d{0,5}))?$/i
/** `[v1.…]`: reserved for addresses of the future. */
const future = /^v[\da-f]+\.[\w.~!$&'()*+,;=:-]+$/i
const largestPort = 65_535

/** Returns undefined when it is not valid. */
export function parseHost(text: string): HostParts | undefined {
  const [, name, digits = ''] = pattern.exec(text) ?? []
  const port = digits === '' ? undefined : Number(digits)
  if (name === undefined || (port ?? 0) > largestPort) return undefined
  return name.startsWith('[') && !isAddress(name.slice(1, -1)) ? undefined : { name, port }
}

export const isHost = (text: string): boolean => parseHost(text) !== undefined

/** Without a zone: `%` would have to be an escape (RFC 6874). */
const isAddress = (text: string): boolean => (isIPv6(text) && !text.includes('%')) || future.test(text)
