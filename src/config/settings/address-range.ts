// Parses the entries of `forwarded_allow_ips` and `proxy_allow_ips`: an address, a range of addresses (CIDR),
// `unix` or `*`. Pure; the settings table checks entries, a worker uses them.

import { isIP } from 'node:net'

export type AddressRange =
  | { readonly kind: 'any' }
  | { readonly kind: 'unix' }
  /** `bits`: length of the prefix that all addresses of the range share. */
  | {
      readonly kind: 'range'
      readonly address: string
      readonly family: 'ipv4' | 'ipv6'
      readonly bits: number
    }

/** Parses one entry. Throws a RangeError with the reason. */
export function parseRange(text: string): AddressRange {
  if (text === '*') return { kind: 'any' }
  if (text === 'unix') return { kind: 'unix' }
  if (text.startsWith('unix:')) throw new RangeError('write "unix" for all unix sockets')
  const [address = '', prefix, ...rest] = text.split('/')
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0) throw new RangeError(otherForm(address))
  const family = version === 4 ? 'ipv4' : 'ipv6'
  const most = version === 4 ? 32 : 128
  if (prefix === undefined) return { kind: 'range', address, family, bits: most }
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN
  if (!(bits <= most)) throw new RangeError(`after "/" a number from 0 to ${most}`)
  requireNetwork({ address, family, bits })
  return { kind: 'range', address, family, bits }
}

/** Returns what is wrong with an entry, or undefined. */
export function rangeProblem(text: string): string | undefined {
  try {
    parseRange(text)
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

function otherForm(address: string): string {
  if (/^(?:\d{1,3}\.){3}\d{1,3}:\d+$|^\[/.test(address)) return 'write the address without a port'
  return /[a-z]/i.test(address) && !address.includes(':')
    ? 'names are not resolved, write an address'
    : 'not an IP address'
}

/** As in gunicorn: `10.0.0.1/8` may be meant as one address or as a whole network. */
function requireNetwork({ address, family, bits }: { address: string; family: string; bits: number }): void {
  const bytes = family === 'ipv4' ? address.split('.').map(Number) : bytesOfV6(address)
  const isSet = (byte: number, index: number): boolean => {
    const kept = Math.min(8, Math.max(0, bits - index * 8))
    return (byte & (0xff >> kept)) !== 0
  }
  if (bytes.some(isSet))
    throw new RangeError(`${address} has bits after the first ${bits}: write the first address of the range`)
}

/** A valid address as 16 bytes. */
function bytesOfV6(address: string): readonly number[] {
  const dotted = /(?:\d+\.){3}\d+$/.exec(address)?.[0]
  const tail = dotted?.split('.').map(Number) ?? []
  const text = dotted === undefined ? address : address.slice(0, -dotted.length).replace(/([^:]):$/, '$1')
  const [head = [], end = []] = text.split('::').map((part) => part.split(':').flatMap(bytesOfGroup))
  const zeros = 16 - head.length - end.length - tail.length
  return [...head, ...Array.from({ length: zeros }, () => 0), ...end, ...tail]
}

function bytesOfGroup(group: string): readonly number[] {
  if (group === '') return []
  const value = Number.parseInt(group, 16)
  return [value >> 8, value & 0xff]
}
