// Runs in a worker: version 2 of the PROXY protocol, which is binary. Pure.

import { SocketAddress } from 'node:net'
import { parseNode } from '../forwarded/client.ts'
import { crc32c } from './crc32c.ts'
import { invalid, more, none, type Parsed } from './parsed.ts'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n')
/** Signature, version and command, family, length. */
const fixed = 16
/** The same limit as in nginx: room for the certificate of a client. */
const longest = 4096
/** Bytes of the addresses and ports, by family: unspecified, IPv4, IPv6, unix. */
const addressLengths = [0, 12, 36, 216]
const stream = 1
/** Types of further values that are read; all others are skipped. */
const types = { crc32c: 0x03, tls: 0x20 } as const

export function parseVersion2(bytes: Buffer): Parsed {
  const known = Math.min(bytes.length, signature.length)
  if (bytes.compare(signature, 0, known, 0, known) !== 0) return none
  if (bytes.length < fixed) return more
  const command = bytes.readUInt8(12)
  if (command >> 4 !== 2) return invalid(`its version is ${command >> 4}, not 2`)
  if ((command & 15) > 1) return invalid('its command is neither LOCAL nor PROXY')
  const length = fixed + bytes.readUInt16BE(14)
  if (length > longest) return invalid(`it is longer than ${longest} bytes`)
  if (bytes.length < length) return more
  // LOCAL: the proxy speaks for itself, for example a health check.
  if ((command & 15) === 0) return { kind: 'header', length, source: undefined }
  return parseProxied(bytes.subarray(0, length))
}

function parseProxied(header: Buffer): Parsed {
  const { length } = header
  const [family, transport] = [header.readUInt8(13) >> 4, header.readUInt8(13) & 15]
  const addressLength = addressLengths[family]
  if (addressLength === undefined) return invalid('its address family is unknown')
  if (fixed + addressLength > length) return invalid('it is too short for its addresses')
  const values = valuesOf(header, fixed + addressLength)
  if (values === undefined) return invalid('its values do not fit into its length')
  const sum = values.get(types.crc32c)
  if (sum && !isRightSum(header, sum)) return invalid('its checksum is wrong')
  if (transport !== stream || (family !== 1 && family !== 2))
    return { kind: 'header', length, source: undefined }
  const size = family === 1 ? 4 : 16
  const node = parseNode(addressText(header.subarray(fixed, fixed + size)))
  if (node === undefined) return invalid('its address is not valid')
  const port = header.readUInt16BE(fixed + size * 2)
  return { kind: 'header', length, source: { ...node, port, encrypted: usesTls(values.get(types.tls)) } }
}

/** Type, length and value, one after another. Returns undefined when the last one is cut. */
function valuesOf(header: Buffer, begin: number): ReadonlyMap<number, Buffer> | undefined {
  const values = new Map<number, Buffer>()
  let at = begin
  while (at + 3 <= header.length) {
    const end = at + 3 + header.readUInt16BE(at + 1)
    values.set(header.readUInt8(at), header.subarray(at + 3, end))
    at = end
  }
  return at === header.length ? values : undefined
}

/** The sum is that of the header with zeros in its place. */
function isRightSum(header: Buffer, sum: Buffer): boolean {
  if (sum.length !== 4) return false
  const zeroed = Buffer.from(header)
  zeroed.fill(0, sum.byteOffset - header.byteOffset, sum.byteOffset - header.byteOffset + 4)
  return crc32c(zeroed) === sum.readUInt32BE(0)
}

/** Whether the client used TLS to the proxy: the first bit (PP2_CLIENT_SSL). */
function usesTls(value: Buffer | undefined): boolean {
  return value !== undefined && value.length > 0 && (value.readUInt8(0) & 1) === 1
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16))
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address // in its short form
}
