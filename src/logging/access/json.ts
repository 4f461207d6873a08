// The JSON access line. Runs in a worker for every request. It is one hand-written expression, because a
// generic serialiser costs several times as much. The table lists the fields; their order is part of the
// contract.

import { isoClock, millisText } from './clock.ts'
import type { AccessContext, AccessEntry, FormatAccess } from './entry.ts'
import { asciiJsonString } from './escape.ts'

export interface AccessField {
  readonly name: string
  readonly type: 'string' | 'string or null' | 'integer' | 'number' | 'number or null'
  readonly meaning: string
}

/** The fields of a JSON access line, in order. */
export const accessFields = [
  {
    name: 'time',
    type: 'string',
    meaning: 'When the line was written, after the response: ISO 8601, UTC, with milliseconds',
  },
  { name: 'nr', type: 'integer', meaning: 'Number of the worker; its replacement has the same number' },
  { name: 'pid', type: 'integer', meaning: 'Process id of the worker' },
  {
    name: 'remote_addr',
    type: 'string or null',
    meaning: 'Address of the client, behind a trusted proxy too; null for a unix socket',
  },
  {
    name: 'method',
    type: 'string or null',
    meaning: 'Request method; null when the request could not be parsed',
  },
  { name: 'path', type: 'string or null', meaning: 'Request target up to the "?", as sent by the client' },
  {
    name: 'query',
    type: 'string or null',
    meaning: 'Request target after the "?"; empty without a "?"',
  },
  { name: 'protocol', type: 'string or null', meaning: 'HTTP/1.1, HTTP/1.0 or HTTP/2.0' },
  {
    name: 'status',
    type: 'integer',
    meaning: 'Status code of the response; without one 499, or 500 with the outcome `crashed`',
  },
  {
    name: 'bytes',
    type: 'integer',
    meaning: 'Bytes of the response body that left the worker, without the head and what is still buffered',
  },
  { name: 'duration_ms', type: 'number', meaning: 'Milliseconds the request took, with three decimals' },
  {
    name: 'queue_ms',
    type: 'number or null',
    meaning:
      'Milliseconds that the request waited before it reached the worker, by X-Request-Start of a trusted ' +
      'proxy ([proxies.md](../run/proxies.md#waiting-time)); else null',
  },
  { name: 'referer', type: 'string or null', meaning: 'Referer header' },
  { name: 'user_agent', type: 'string or null', meaning: 'User-Agent header' },
  { name: 'host', type: 'string or null', meaning: 'Host header; in HTTP/2 the :authority' },
  {
    name: 'request_id',
    type: 'string or null',
    meaning:
      'X-Request-Id of the client or a generated id, the same as `req.id`; null when the request could ' +
      'not be parsed',
  },
  {
    name: 'outcome',
    type: 'string',
    meaning:
      'complete; aborted: the connection ended first; timeout: ended by `request_timeout`; invalid: ' +
      'the server refused it, because it is not valid or exceeds a limit; crashed: the worker ended ' +
      'first (an uncaught error, `process.exit`, a blocked event loop)',
  },
] as const satisfies readonly AccessField[]

/** The field of lines of a server with services, after the number of the worker. */
export const serviceFields = [
  {
    name: 'service',
    type: 'string',
    meaning: 'Name of the service, `web` for the app; only with `services`',
  },
] as const satisfies readonly AccessField[]

/** The fields of lines with certificates of clients (`cert_reqs`), before the outcome. */
export const clientCertificateFields = [
  {
    name: 'client_subject',
    type: 'string or null',
    meaning:
      'Subject of the certificate of the client, `CN=shop,O=Example`; only with `cert_reqs`, null ' +
      'without one',
  },
  {
    name: 'client_verify',
    type: 'string or null',
    meaning: '`SUCCESS`, or `NONE` without a certificate; only with `cert_reqs`, null without TLS',
  },
] as const satisfies readonly AccessField[]

/** Returns the function that formats JSON lines of one worker. */
export function compileJson(context: AccessContext): FormatAccess {
  const client = clientFormatter(context)
  const target = targetFormatter()
  const response = responseFormatter()
  const headers = headersFormatter()
  const certificate = context.clientCertificates === true ? clientCertificate : (): string => ''
  return (entry) =>
    `${client(entry.time, entry.remoteAddress, entry.method)}${target(entry.url)}` +
    `${response(entry.httpVersion, entry.status)}` +
    `${integer(entry.bytes)},"duration_ms":${millisText(entry.duration)}${queue(entry.queueTime())}` +
    `${headers(entry)}${identity(entry.requestId())}${certificate(entry)}${endings[entry.outcome]}`
}

// Most of a line equals the line before it. So it is formatted in a few parts, each of which keeps its last
// values and text: comparing is cheaper than escaping, and joining few strings is cheaper than joining many.

function clientFormatter({
  worker,
  pid,
  service,
}: AccessContext): (time: number, address: string, method: string) => string {
  const isoTime = isoClock()
  const identity = `"nr":${worker}${service === undefined ? '' : `,"service":"${service}"`},"pid":${pid}`
  let [lastTime, lastAddress, lastMethod, text] = [Number.NaN, '', '', '']
  return (time, address, method) => {
    if (time === lastTime && address === lastAddress && method === lastMethod) return text
    const before = `{"time":"${isoTime(time)}",${identity}`
    text = `${before},"remote_addr":${nonEmpty(address)},"method":${nonEmpty(method)}`
    lastTime = time
    lastAddress = address
    lastMethod = method
    return text
  }
}

/** Path and query. */
function targetFormatter(): (url: string) => string {
  let [last, text] = ['', target('')]
  return (url) => {
    if (url !== last) text = target(url)
    last = url
    return text
  }
}

function responseFormatter(): (httpVersion: string, status: number) => string {
  let [lastVersion, lastStatus, text] = ['', 0, '']
  return (httpVersion, status) => {
    if (httpVersion !== lastVersion || status !== lastStatus || text === '') {
      text = [',"protocol":', protocol(httpVersion), ',"status":', integer(status), ',"bytes":'].join('')
      lastVersion = httpVersion
      lastStatus = status
    }
    return text
  }
}

const endings = {
  complete: ',"outcome":"complete"}\n',
  aborted: ',"outcome":"aborted"}\n',
  timeout: ',"outcome":"timeout"}\n',
  invalid: ',"outcome":"invalid"}\n',
  crashed: ',"outcome":"crashed"}\n',
} as const satisfies Record<AccessEntry['outcome'], string>

/** Headers, up to the id, which differs in each line. */
function headersFormatter(): (entry: AccessEntry) => string {
  let lastReferer: string | undefined
  let lastAgent: string | undefined
  let lastHost: string | undefined
  let text = ''
  return (entry) => {
    const referer = entry.requestHeader('referer')
    const agent = entry.requestHeader('user-agent')
    const host = entry.requestHeader('host') ?? entry.requestHeader(':authority')
    if (referer !== lastReferer || agent !== lastAgent || host !== lastHost || text === '') {
      text = [',"referer":', orNull(referer), ',"user_agent":', orNull(agent), ',"host":', orNull(host)].join(
        '',
      )
      lastReferer = referer
      lastAgent = agent
      lastHost = host
    }
    return text
  }
}

function queue(milliseconds: number | undefined): string {
  return milliseconds === undefined ? ',"queue_ms":null' : `,"queue_ms":${millisText(milliseconds)}`
}

/** Differs in each line, so it is not kept; it needs no escape. */
function identity(id: string | undefined): string {
  return id === undefined ? ',"request_id":null' : `,"request_id":"${id}"`
}

function clientCertificate(entry: AccessEntry): string {
  const { subject = '', verify = '' } = entry.tls?.() ?? {}
  return `,"client_subject":${nonEmpty(subject)},"client_verify":${nonEmpty(verify)}`
}

/** Path and query. Escaped once, before it is split: no escape contains or spans a "?". */
function target(url: string): string {
  if (url === '') return ',"path":null,"query":null'
  const json = asciiJsonString(url)
  const mark = json.indexOf('?')
  return mark === -1
    ? `,"path":${json},"query":""`
    : `,"path":${json.slice(0, mark)}","query":"${json.slice(mark + 1)}`
}

function protocol(httpVersion: string): string {
  return httpVersion === '' ? 'null' : asciiJsonString(`HTTP/${httpVersion}`)
}

function nonEmpty(value: string): string {
  return value === '' ? 'null' : asciiJsonString(value)
}

function orNull(value: string | undefined): string {
  return value === undefined ? 'null' : asciiJsonString(value)
}

/** An app may assign any value to `res.statusCode`; Node checks it only when it sends the head. */
function integer(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : '0'
}
