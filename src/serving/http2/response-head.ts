// Runs in a worker: the head of a response as Node or an app writes it to a connection of HTTP/1, and what of
// it a stream of HTTP/2 carries. Pure.

import type { OutgoingHttpHeaders } from 'node:http2'
import type { Chunk } from './chunk.ts'

export interface ResponseHead {
  readonly status: number
  /** With `:status`, as node:http2 expects them. */
  readonly headers: OutgoingHttpHeaders
  /** What follows has the chunked encoding. */
  readonly isChunked: boolean
  /** What follows the head. */
  readonly rest: Chunk
}

const end = '\r\n\r\n'
/** Fields of the connection, which HTTP/2 has not (RFC 9113, 8.2.2). */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])
const chunkedCoding = /\r\ntransfer-encoding:[^\r]*chunked[ \t]*(?:\r|$)/i
const statusLine = /^HTTP\/1\.[01] (\d{3})(?: |$)/
const notAscii = /[^\0-\x7f]/

/** Returns undefined while its end is missing, and null for what is no response. */
export function parseHead(chunk: Chunk, encoding: BufferEncoding): ResponseHead | undefined | null {
  const length = chunk.indexOf(end)
  if (length < 0) return undefined
  const isText = typeof chunk === 'string'
  const head = isText ? chunk.slice(0, length) : chunk.toString('latin1', 0, length)
  // node:http2 takes one character for each byte.
  if (isText && notAscii.test(head)) return parseHead(Buffer.from(chunk, encoding), encoding)
  const status = statusLine.exec(head)?.[1]
  if (status === undefined) return null
  const headers: OutgoingHttpHeaders = { ':status': Number(status) }
  addFields(headers, head)
  const from = length + end.length
  return {
    status: Number(status),
    headers,
    isChunked: chunkedCoding.test(head),
    rest: isText ? chunk.slice(from) : chunk.subarray(from),
  }
}

/** The fields stand one on each line behind the first one. */
function addFields(headers: OutgoingHttpHeaders, head: string): void {
  for (let at = head.indexOf('\r\n'); at >= 0;) {
    const next = head.indexOf('\r\n', at + 2)
    addField(headers, head.slice(at + 2, next < 0 ? head.length : next))
    at = next
  }
}

/** Adds the field of a line, unless it belongs to the connection. */
export function addField(headers: OutgoingHttpHeaders, line: string): void {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon).trim().toLowerCase()
  if (colon < 1 || ofConnection.has(name)) return
  const value = line.slice(colon + 1).trim()
  const before = headers[name]
  headers[name] = before === undefined ? value : [before, value].flat().map(String)
}
