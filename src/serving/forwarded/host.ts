// Runs in a worker: the host that the client has asked a proxy for. Pure.

/** RFC 3986, 3.2.2: a name, an IPv4 address, or an IPv6 address in brackets; with an optional port. */
const pattern = /^(\[[\da-f:.]+\]|[\w.~!$&'()*+=%-]+)(?::(\d{1,5}))?$/i

export interface HostParts {
  readonly name: string
  readonly port: number | undefined
}

/** Returns undefined when it is not valid. */
export function parseHost(text: string): HostParts | undefined {
  const [, name, digits] = pattern.exec(text) ?? []
  if (name === undefined) return undefined
  const port = digits === undefined ? undefined : Number(digits)
  return port === undefined || port < 65_536 ? { name, port } : undefined
}

/** Returns undefined when it is not valid. */
export function parsePort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return port > 0 && port < 65_536 ? port : undefined
}

/** The value of Host: without the port that the scheme implies. */
export function formatHost({ name, port }: HostParts, encrypted: boolean): string {
  return port === undefined || port === (encrypted ? 443 : 80) ? name : `${name}:${port}`
}
