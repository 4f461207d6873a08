// The JSON access line. Runs in a worker for every request; written out by hand in one expression, because a generic
// serialiser costs several times as much. The table says which fields there are; the order is part of the contract.

import { isoClock, millisText } from './clock.ts'
import type { AccessContext, AccessEntry, FormatAccess } from './entry.ts'
import { jsonString } from './escape.ts'

export interface AccessField {
  readonly name: string
  readonly type: 'string' | 'string or null' | 'integer' | 'number'
  readonly meaning: string
}

/** The fields of a JSON access line, in the order in which they are written. */
export const accessFields = [
  { name: 'time', type: 'string', meaning: 'When the line was written, after the response: ISO 8601, UTC, with milliseconds' },
  { name: 'worker', type: 'integer', meaning: 'Number of the worker, which its replacement takes over' },
  { name: 'pid', type: 'integer', meaning: 'Process id of the worker' },
  { name: 'remote_addr', type: 'string or null', meaning: 'Address of the peer; null for a unix socket' },
  { name: 'method', type: 'string or null', meaning: 'Request method; null when the request could not be parsed' },
  { name: 'path', type: 'string or null', meaning: 'Request target up to the "?", as it was sent' },
  { name: 'query', type: 'string or null', meaning: 'Request target after the "?"; empty when there is none' },
  { name: 'protocol', type: 'string or null', meaning: 'HTTP/1.1, HTTP/1.0 or HTTP/2.0' },
  { name: 'status', type: 'integer', meaning: 'Status code of the response' },
  { name: 'bytes', type: 'integer', meaning: 'Bytes of the response body that were sent' },
  { name: 'duration_ms', type: 'number', meaning: 'Milliseconds the request took, with three decimals' },
  { name: 'referer', type: 'string or null', meaning: 'Referer header' },
  { name: 'user_agent', type: 'string or null', meaning: 'User-Agent header' },
  { name: 'host', type: 'string or null', meaning: 'Host header; in HTTP/2 the :authority' },
  {
    name: 'outcome',
    type: 'string',
    meaning: 'complete; aborted: the connection ended before the response did; invalid: the request could not be parsed',
  },
] as const satisfies readonly AccessField[]

/** The writer of JSON lines for one worker. */
export function compileJson(context: AccessContext): FormatAccess {
  const isoTime = isoClock()
  const process = `","worker":${context.worker},"pid":${context.pid},"remote_addr":`
  return (entry) => {
    const headers = entry.requestHeaders
    return (
      `{"time":"${isoTime(entry.time)}${process}${nonEmpty(entry.remoteAddress)}` +
      `,"method":${nonEmpty(entry.method)}${target(entry.url)},"protocol":${protocol(entry)}` +
      `,"status":${integer(entry.status)},"bytes":${integer(entry.bytes)},"duration_ms":${millisText(entry.duration)}` +
      `,"referer":${header(headers.referer)},"user_agent":${header(headers['user-agent'])}` +
      `,"host":${header(headers.host ?? headers[':authority'])},"outcome":"${entry.outcome}"}\n`
    )
  }
}

/** Path and query. Escaped before it is cut, at one place and not two: no escape holds a "?" or spans one. */
function target(url: string): string {
  if (url === '') return ',"path":null,"query":null'
  const json = jsonString(url)
  const mark = json.indexOf('?')
  return mark === -1 ? `,"path":${json},"query":""` : `,"path":${json.slice(0, mark)}","query":"${json.slice(mark + 1)}`
}

function protocol(entry: AccessEntry): string {
  if (entry.httpVersion === '1.1') return '"HTTP/1.1"'
  return entry.httpVersion === '' ? 'null' : jsonString(`HTTP/${entry.httpVersion}`)
}

function nonEmpty(value: string): string {
  return value === '' ? 'null' : jsonString(value)
}

function header(value: string | string[] | undefined): string {
  if (value === undefined) return 'null'
  return jsonString(typeof value === 'string' ? value : value.join(', '))
}

/** An app may assign anything to `res.statusCode`, and Node looks at it only when the head is sent. */
function integer(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : '0'
}
