// Runs in a worker: what the headers of a trusted proxy say of a request. Two that contradict each other are
// refused, because one of them is then the client's. Pure.

import { isSameAddress, type Client } from './client.ts'
import type { Fields } from './fields.ts'
import { entryOf, listOf, walk, type Walk } from './hops.ts'
import { parseHost, type HostParts } from '../syntax/host.ts'
import { formatHost, parsePort } from './host.ts'
import { parseForwarded, type Element } from './rfc7239.ts'

export interface Decision {
  readonly client: Client
  /** What the client has asked for, if the proxy says so. */
  readonly host: string | undefined
}

/** Why a request is refused with 400. */
export interface Refusal {
  readonly refused: string
}

export interface Asked {
  readonly peer: Client
  /** The Host header; undefined without one. */
  readonly host: string | undefined
  readonly isTrusted: (address: string) => boolean
}

export function decide(fields: Fields, { peer, host, isTrusted }: Asked): Decision | Refusal {
  const forwarded = fields.forwarded === undefined ? none : parseForwarded(fields.forwarded)
  if (forwarded === undefined) return { refused: 'Forwarded is not valid (RFC 7239)' }
  const plain = walk(listOf(fields.for), isTrusted)
  const other = walk(
    forwarded.map((element) => element.get('for')),
    isTrusted,
  )
  if (plain.client && other.client && !isSameAddress(plain.client, other.client))
    return { refused: 'X-Forwarded-For and Forwarded name different clients' }
  // A proxy that hides the client in X-Forwarded-For has not written the other one.
  const node = fields.for === undefined ? other.client : plain.client
  const nearest = entryOf(forwarded, other.hops)
  const encrypted = schemeOf(fields, plain, nearest)
  if (typeof encrypted === 'object') return encrypted
  const client = {
    address: node?.address ?? peer.address,
    family: node?.family ?? peer.family,
    port: node ? node.port : peer.port,
    encrypted: encrypted ?? peer.encrypted,
  }
  const asked = hostOf({ fields, hops: plain.hops, nearest, host })
  if (asked === undefined) return { client, host: undefined }
  return 'refused' in asked ? asked : { client, host: formatHost(asked, client.encrypted) }
}

const none: readonly Element[] = []

/** Whether the client used TLS; undefined when no proxy says it. */
function schemeOf(
  fields: Fields,
  { hops }: Walk,
  nearest: Element | undefined,
): boolean | undefined | Refusal {
  let found: boolean | undefined
  for (const { value, secure } of fields.schemes ?? []) {
    const scheme = entryOf(listOf(value), hops)?.toLowerCase()
    if (scheme === undefined) continue
    const isSecure = scheme === secure || (secure === 'https' && scheme === 'wss')
    if (found !== undefined && found !== isSecure)
      return { refused: 'secure_scheme_headers contradict each other' }
    found = isSecure
  }
  const proto = nearest?.get('proto')?.toLowerCase()
  if (proto === undefined) return found
  const isSecure = proto === 'https' || proto === 'wss'
  if (found !== undefined && found !== isSecure)
    return { refused: 'secure_scheme_headers and Forwarded contradict each other' }
  return isSecure
}

interface HostParameters {
  readonly fields: Fields
  readonly hops: number
  readonly nearest: Element | undefined
  readonly host: string | undefined
}

/** Returns undefined when no proxy says it. */
function hostOf({ fields, hops, nearest, host }: HostParameters): HostParts | Refusal | undefined {
  const written = [entryOf(listOf(fields.host), hops), nearest?.get('host')]
  const named = written.filter((each) => each !== undefined).map(parseHost)
  if (named.includes(undefined)) return { refused: 'X-Forwarded-Host or the host in Forwarded is not valid' }
  const [first, second] = named
  if (first && second && first.name.toLowerCase() !== second.name.toLowerCase())
    return { refused: 'X-Forwarded-Host and Forwarded name different hosts' }
  const digits = entryOf(listOf(fields.port), hops)
  const port = digits === undefined ? undefined : parsePort(digits)
  if (digits !== undefined && port === undefined) return { refused: 'X-Forwarded-Port is not valid' }
  // A host that a proxy has passed on with its port is what the client has asked for.
  if (first) return { name: first.name, port: first.port ?? second?.port ?? port }
  const own = port === undefined ? undefined : parseHost(host ?? '')
  return own && { name: own.name, port }
}
