// Runs in a worker: the value of a Host field, `uri-host [ ":" port ]` (RFC 9110, 7.2; RFC 3986, 3.2.2).
// Pure.

import { isIPv6 } from 'node:net'

/** A registered name or an IPv4 address: unreserved characters, sub-delims without a comma, and %-escapes. */
const name = /^(?:[\w.~!$&'()*+;=-]|%[\da-f]{2})+(?::(\d*))?$/i
const literal = /^\[([^\]]*)\](?::(\d*))?$/
/** `[v1.…]`: reserved for addresses of the future. */
const future = /^v[\da-f]+\.[\w.~!$&'()*+,;=:-]+$/i
const largestPort = 65_535

/**
 * Whether it names a host. An empty value does not, and neither does a list: a comma is allowed in a name by
 * RFC 3986, but no host has one, and proxies join two fields with it.
 */
export function isHost(value: string): boolean {
  if (value.startsWith('[')) return isLiteral(value)
  const match = name.exec(value)
  return match !== null && isPort(match[1])
}

function isLiteral(value: string): boolean {
  const [, address = '', port] = literal.exec(value) ?? []
  return (isAddress(address) || future.test(address)) && isPort(port)
}

/** Without a zone: `%` would have to be an escape (RFC 6874). */
const isAddress = (address: string): boolean => isIPv6(address) && !address.includes('%')

const isPort = (port: string | undefined): boolean =>
  port === undefined || (port.length <= 5 && Number(port) <= largestPort)
