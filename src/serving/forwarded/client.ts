// Runs in a worker: a client as the app and the logs see it, and as a proxy writes it in a header. Pure.

import { isIP } from 'node:net'

export interface Client {
  /** Undefined for a unix socket. */
  readonly address: string | undefined
  readonly family: 'IPv4' | 'IPv6' | undefined
  /** Undefined when the proxy does not say. */
  readonly port: number | undefined
  /** Whether the client used TLS. */
  readonly encrypted: boolean
}

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
  if (isIP(text) !== 0) return node(text, undefined)
  const [, v6, v4, port] = /^(?:\[([^\]]+)\]|([\d.]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const address = v6 ?? v4 ?? ''
  if (isIP(address) !== (v6 === undefined ? 4 : 6)) return undefined
  return node(address, port === undefined ? undefined : Number(port))
}

function node(written: string, port: number | undefined): Node {
  // An IPv4 address in IPv6 form is the same client.
  const mapped = /^::ffff:((?:\d+\.){3}\d+)$/i.exec(written)?.[1]
  const address = mapped ?? written
  return { address, family: isIP(address) === 4 ? 'IPv4' : 'IPv6', port: isPort(port) ? port : undefined }
}

const isPort = (port: number | undefined): boolean => port !== undefined && port > 0 && port < 65_536
