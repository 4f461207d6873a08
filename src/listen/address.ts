// Parses and formats `bind` addresses. Pure; used by the settings table, the arbiter and the log.

export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'fd'; readonly fd: number }
  /** A socket that systemd opened, by its name (FileDescriptorName= of systemd.socket(5)). */
  | { readonly kind: 'name'; readonly name: string }

/** What is spoken on a socket. */
export type Scheme = 'http' | 'https'

const defaultPort = 8000
/** Of a URL. */
const urlPorts: Readonly<Record<Scheme, number>> = { http: 80, https: 443 }

/**
 * Parses `host:port`, `host`, `:port`, `[v6]:port`, `unix:/path`, `fd://n`, `fd://name`, each also with a
 * scheme before it: `https://host:port`, `https+unix:/path`, `https+fd://n`. Throws a RangeError with the
 * reason.
 */
export function parseAddress(text: string): Address {
  const { scheme, rest } = splitScheme(text)
  const other = otherForm(rest)
  if (other !== undefined) throw new RangeError(other)
  if (rest.startsWith('unix:')) return parseUnix(rest)
  if (rest.startsWith('fd://')) return parseDescriptor(rest)
  return parseTcp(rest, scheme === undefined ? defaultPort : urlPorts[scheme])
}

/** Returns the scheme of a `bind` address; undefined when it has none. */
export function schemeOf(text: string): Scheme | undefined {
  return splitScheme(text).scheme
}

function splitScheme(text: string): { readonly scheme: Scheme | undefined; readonly rest: string } {
  const found = /^(https?)(?::\/\/|\+(?=unix:|fd:\/\/))/i.exec(text)
  if (found === null) return { scheme: undefined, rest: text }
  const [prefix, name = ''] = found
  const rest = text.slice(prefix.length)
  const path = /^[^/]*(\/.*)$/s.exec(rest)?.[1]
  if (prefix.endsWith('//') && path !== undefined)
    throw new RangeError(`an address has no path: write "${text.slice(0, -path.length)}"`)
  return { scheme: name.toLowerCase() === 'https' ? 'https' : 'http', rest }
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
export function addressUrl(address: Address, scheme: Scheme = 'http'): string {
  if (address.kind === 'tcp') return `${scheme}://${formatAddress(address)}`
  return scheme === 'https' ? `https+${formatAddress(address)}` : formatAddress(address)
}

/** How to write what is an address elsewhere; undefined for what may be one here. */
function otherForm(text: string): string | undefined {
  if (/^\d+$/.test(text)) return `for the port write ":${text}"`
  const scheme = /^wss?:\/\//i.exec(text)?.[0]
  if (scheme !== undefined) {
    const rest = text.slice(scheme.length).replace(/\/.*$/s, '')
    return `write "${scheme.toLowerCase() === 'wss://' ? `https://${rest}` : rest}", without "${scheme}"`
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

function parseTcp(text: string, port: number): Address {
  const match = /^(?:tcp:\/\/)?(?:\[([^\]]*)\]|([^:[\]]*))(?::([^:]*))?$/.exec(text)
  if (!match)
    throw new RangeError(
      text.split(':').length > 2 ? 'an IPv6 address needs brackets: "[::1]:8000"' : 'not an address',
    )
  const [, v6, name, given] = match
  if (v6 !== undefined && !/^[\da-f:.]+(%\w+)?$/i.test(v6))
    throw new RangeError('the text in brackets is not an IPv6 address')
  const host = v6 ?? name ?? ''
  if (/[\s/]/.test(host)) throw new RangeError('a host name cannot contain spaces or slashes')
  if (host === '' && given === undefined) throw new RangeError('it is empty')
  return {
    kind: 'tcp',
    host: host === '' ? '0.0.0.0' : host,
    port: given === undefined ? port : parsePort(given),
  }
}

function parsePort(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new RangeError('a port is a number from 0 to 65535')
  return Number(text)
}
