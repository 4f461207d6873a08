// Runs in a worker: an address of `bind`, as an app compares it with the port or path on which it listens,
// and as `server.address()` shows it. Pure.

import { isIP, type AddressInfo } from 'node:net'

export interface BindAddress {
  /** As the log shows it: `http://127.0.0.1:8000`, `https://…`, `unix:/run/app.sock`, `https+unix:…`. */
  readonly url: string
  /** Undefined for a socket that is not of TCP. */
  readonly port: number | undefined
  /** Undefined for a socket that is not of TCP. */
  readonly host: string | undefined
  /** Undefined for a socket that is not a unix socket. */
  readonly path: string | undefined
}

export function bindAddress(url: string): BindAddress {
  const nothing = { url, port: undefined, host: undefined, path: undefined }
  const path = /^(?:https\+)?unix:(.*)$/s.exec(url)?.[1]
  if (path !== undefined) return { ...nothing, path }
  if (!/^https?:/.test(url)) return nothing
  const { protocol, hostname, port } = new URL(url)
  const usual = protocol === 'https:' ? 443 : 80
  return { ...nothing, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || usual) }
}

/** Returns what `server.address()` returns for a server that listens on this address. */
export function addressInfo({ url, port, host, path }: BindAddress): AddressInfo | string {
  if (port === undefined || host === undefined) return path ?? url
  const family = isIP(host)
  // A name has been resolved by the master; which of its addresses it was is not known here.
  return { address: family === 0 ? '0.0.0.0' : host, family: family === 6 ? 'IPv6' : 'IPv4', port }
}

/** Returns PORT and HOST for a program that reads them, so that it and `bind` agree. */
export function portVariables([first]: readonly BindAddress[]): Readonly<Record<string, string>> {
  if (first?.port === undefined || first.host === undefined) return {}
  return { PORT: String(first.port), HOST: first.host }
}
