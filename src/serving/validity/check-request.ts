// Runs in a worker: the one check of the head of each request of HTTP/1, before hooks and app. Node's parser
// has refused what is no HTTP at all; this is what it lets pass and RFC 9112 forbids, and the limits of the
// settings.

import { METHODS, type IncomingMessage } from 'node:http'
import { FieldCheck, type FieldLimits } from './fields.ts'
import { bad, type Refusal } from './refusal.ts'
import { authorityOf, findTargetProblem } from '../syntax/target.ts'

export interface RequestLimits extends FieldLimits {
  /** Bytes of the request line, without its end; 0 means no limit. */
  readonly line: number
  /** Header fields; 0 means no limit. */
  readonly fields: number
}

export interface RequestRules extends RequestLimits {
  /** Whether a request of HTTP/1.1 needs a Host field. */
  readonly requiresHost: boolean
  /** Whether a request has come by HTTP/2: one of HTTP/1 may claim it. */
  readonly isHttp2?: (request: Pick<IncomingMessage, 'socket'>) => boolean
}

/** What Node's parser keeps of a request. */
type Head = Pick<
  IncomingMessage,
  'socket' | 'method' | 'url' | 'rawHeaders' | 'headers' | 'httpVersionMajor' | 'httpVersionMinor'
>

/** Returns why the request is refused, or undefined. */
export type CheckRequest = (request: Head) => Refusal | undefined

const badVersion: Refusal = { status: 505, reason: 'the version is neither HTTP/1.0 nor HTTP/1.1' }
const badMethod: Refusal = { status: 501, reason: 'the method is not one of HTTP' }
const longLine: Refusal = { status: 414, reason: 'the request line is longer than limit_request_line' }
const manyFields: Refusal = { status: 431, reason: 'more header fields than limit_request_fields' }
const noHost = bad('Host is missing')

/** Two spaces and the version. */
const restOfLine = '  HTTP/1.1'.length
/** The parser takes RTSP/1.0 and ICE/1.0 for HTTP/1.0. */
const methods: ReadonlySet<string> = new Set(METHODS.filter((name) => name !== 'SOURCE'))

export function createRequestCheck(rules: RequestRules): CheckRequest {
  const { requiresHost, line, fields: most, isHttp2 = () => false } = rules
  const fields = new FieldCheck(rules)
  return (request) => {
    const { httpVersionMajor: major, httpVersionMinor: minor, method = '', url = '', rawHeaders } = request
    const isStream = major === 2 && isHttp2(request)
    if ((major !== 1 || minor > 1) && !isStream) return badVersion
    if (minor === 0 && !methods.has(method)) return badMethod
    if (line > 0 && method.length + url.length + restOfLine > line) return longLine
    const problem = findTargetProblem(method, url)
    if (problem !== undefined) return bad(problem)
    if (most > 0 && rawHeaders.length > 2 * most) return manyFields
    const refusal = fields.check(request)
    if (refusal) return refusal
    if (requiresHost && (minor === 1 || isStream) && !fields.hasHost) return noHost
    if (!url.startsWith('/')) adoptHost(request, url)
    return undefined
  }
}

/** RFC 9112, 3.2.2: the host of a target in absolute form replaces that of the Host field. */
function adoptHost({ headers, rawHeaders }: Head, target: string): void {
  const authority = authorityOf(target)
  if (authority === undefined || headers.host === authority) return
  headers.host = authority
  const place = rawHeaders.findIndex((text, at) => at % 2 === 0 && text.toLowerCase() === 'host')
  if (place < 0) rawHeaders.push('Host', authority)
  else rawHeaders[place + 1] = authority
}
