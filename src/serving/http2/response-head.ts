// Runs in a worker: the head of a response as Node or an app writes it to a connection of HTTP/1, and what of
// it a stream of HTTP/2 carries. Pure.

import type { OutgoingHttpHeaders } from 'node:http2'

export interface ResponseHead {
  readonly status: number
  readonly headers: OutgoingHttpHeaders
  /** The bytes behind the head. */
  readonly rest: Buffer
}

const end = Buffer.from('\r\n\r\n')
/** Fields of the connection, which HTTP/2 has not (RFC 9113, 8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

/** Returns undefined while its end is missing, and null for what is no response. */
export function parseHead(bytes: Buffer): ResponseHead | undefined | null {
  const length = bytes.indexOf(end)
  if (length < 0) return undefined
  const [line = '', ...fields] = bytes.toString('latin1', 0, length).split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line)?.[1]
  if (status === undefined) return null
  return { status: Number(status), headers: headersOf(fields), rest: bytes.subarray(length + end.length) }
}

function headersOf(fields: readonly string[]): OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {}
  for (const field of fields) {
    const colon = field.indexOf(':')
    const name = field.slice(0, colon).trim().toLowerCase()
    if (colon < 1 || ofConnection.has(name)) continue
    const value = field.slice(colon + 1).trim()
    const before = headers[name]
    headers[name] = before === undefined ? value : [before, value].flat()
  }
  return headers
}
