// Runs in a worker: a client as the app and the logs see it, and as a proxy writes it in a header. Pure.

import { isIP, SocketAddress } from 'node:net'

export interface Client {
  /** Undefined for a unix socket. */
  readonly address: string | undefined
  readonly family: 'IPv4' | 'IPv6' | undefined
  /** Undefined when the proxy does not say. */
  readonly port: number | undefined
  /** Whether the client used TLS. */
  readonly encrypted: boolean
}

/** An IPv6 address has several forms. */
export function isSameAddress(one: Node, other: Node): boolean {
  if (one.family !== 'IPv6' || other.family !== 'IPv6') return one.address === other.address
  return usualForm(one) === usualForm(other)
}

const usualForm = ({ address }: Node): string => new SocketAddress({ address, family: 'ipv6' }).address

/** An IPv6 address may end with a zone of any length. */
const longest = 64

/** A node of a path (RFC 7239, 6). */
export type Node = Pick<Client, 'address' | 'family' | 'port'> & { readonly address: string }

export function isSameClient(one: Client, other: Client): boolean {
  return one.address === other.address && one.port === other.port && one.encrypted === other.encrypted
}

/**
 * Parses `10.0.0.1`, `10.0.0.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`. Returns undefined for
 * all else: `unknown`, names such as `_proxy`, text from a client.
 */
export function parseNode(text: string): Node | undefined {
  if (text.length > longest) return undefined
  const version = isIP(text)
  if (version !== 0) return node(text, version, undefined)
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = v6 ?? v4 ?? ''
  const expected = v6 === undefined ? 4 : 6
  return isIP(address) === expected ? node(address, expected, port) : undefined
}

function node(written: string, version: number, digits: string | undefined): Node {
  const port = Number(digits ?? 0)
  // An IPv4 address in IPv6 form is the same client.
  const mapped = version === 6 ? /^::ffff:((?:\d+\.){3}\d+)$/i.exec(written)?.[1] : undefined
  return {
    address: mapped ?? written,
    family: version === 4 || mapped !== undefined ? 'IPv4' : 'IPv6',
    port: port > 0 && port < 65_536 ? port : undefined,
  }
}
