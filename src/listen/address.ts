// Parses and formats `bind` addresses. Pure; used by the settings table, the arbiter and the log.

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number }
  /** A socket that systemd opened, by its name (FileDescriptorName= of systemd.socket(5)). */
  | { readonly kind: 'name'; readonly name: string }

const defaultPort = 8000

/**
 * Parses `host:port`, `host`, `:port`, `[v6]:port`, `unix:/path`, `fd://n`, `fd://name`. Throws a RangeError
 * with the reason.
 */
export function parseAddress(text: string): Address {
  const other = otherForm(text)
  if (other !== undefined) throw new RangeError(other)
  if (text.startsWith('unix:')) return parseUnix(text)
  if (text.startsWith('fd://')) return parseDescriptor(text)
  return parseTcp(text)
}

/** Returns what is wrong with a `bind` address, or undefined. */
export function addressProblem(text: string): string | undefined {
  try {
    parseAddress(text)
    return undefined
  } catch (error) {
    if (error instanceof RangeError) return error.message
    throw error
  }
}

/** Returns the address as a user writes it in `bind`. */
export function formatAddress(address: Address): string {
  if (address.kind === 'unix') return `unix:${address.path}`
  if (address.kind === 'fd') return `fd://${address.fd}`
  if (address.kind === 'name') return `fd://${address.name}`
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

/** Returns the address for a client: a URL for TCP. */
export function addressUrl(address: Address): string {
  return address.kind === 'tcp' ? `http://${formatAddress(address)}` : formatAddress(address)
}

/** How to write what is an address elsewhere; undefined for what may be one here. */
function otherForm(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `for the port write ":${text}"`
  const scheme = /^(https?|wss?):\/\//i.exec(text)?.[0]
  if (scheme !== undefined) {
    const rest = text.slice(scheme.length).replace(/\/.*$/s, '')
    return `write "${rest}", without "${scheme}"`
  }
  if (/^(?:[./~]|[^:\s]+\.sock$)/.test(text)) return `did you mean "unix:${text}"?`
  if (/^\*(?::|$)/.test(text)) return `for all addresses write "${text.slice(1) || ':8000'}"`
  if (/,/.test(text)) return `for several addresses write a list: ["${text.split(/\s*,\s*/).join('", "')}"]`
  return undefined
}

function parseUnix(text: string): Address {
  const path = text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '')
  if (path === '') throw new RangeError('the path after "unix:" is missing')
  if (path.includes('\0')) throw new RangeError('a path cannot contain a NUL character')
  // sun_path of unix(7) has 108 bytes with the final NUL; some versions of libuv silently truncate a path
  if (Buffer.byteLength(path) > 107) throw new RangeError('the path of a unix socket is at most 107 bytes')
  return { kind: 'unix', path }
}

function parseDescriptor(text: string): Address {
  const word = text.slice('fd://'.length)
  if (/^\d{1,6}$/.test(word)) return { kind: 'fd', fd: Number(word) }
  // systemd allows any printable character but ":"; here the first one is a letter, to tell it from a number
  if (/^[a-z_][\w.@-]*$/i.test(word)) return { kind: 'name', name: word }
  throw new RangeError('"fd://" needs the number of an open descriptor, or the name of a systemd socket')
}

function parseTcp(text: string): Address {
  const match = /^(?:tcp:\/\/)?(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text)
  if (!match)
    throw new RangeError(
      text.split(':').length > 2 ? 'an IPv6 address needs brackets: "[::1]:8000"' : 'not an address',
    )
  const [, v6, name, port] = match
  if (v6 !== undefined && !/^[\da-f:.]+(%\w+)?$/i.test(v6))
    throw new RangeError('the text in brackets is not an IPv6 address')
  const host = v6 ?? name ?? ''
  if (/[\s/]/.test(host)) throw new RangeError('a host name cannot contain spaces or slashes')
  if (host === '' && port === undefined) throw new RangeError('it is empty')
  return {
    kind: 'tcp',
    host: host === '' ? '0.0.0.0' : host,
    port: port === undefined ? defaultPort : parsePort(port),
  }
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new RangeError('a port is a number from 0 to 65535')
  return Number(text)
}
