// gunicorn's access log atoms, such as `%(h)s`. Runs in a worker: `make` is called once for each atom of the
// format, and the function that it returns once per request. The docs page and error messages use these
// tables. Each value from a client or the app is escaped here, so that it cannot forge a line.

import { clfClock, toMicroseconds } from './clock.ts'
import type { AccessContext, AccessEntry } from './entry.ts'
import { escapeBareText, escapeText } from './escape.ts'
import { tlsVariable, tlsVariableNames } from './tls-variables.ts'

export type WriteAtom = (entry: AccessEntry) => string

export interface Atom {
  readonly meaning: string
  readonly make: (context: AccessContext) => WriteAtom
}

export interface AtomFamily {
  /** The text between the braces. */
  readonly argument: string
  /** All that there are, if not any name has a meaning. */
  readonly names?: readonly string[]
  readonly meaning: string
  readonly make: (name: string, context: AccessContext) => WriteAtom
}

/** The atoms of one letter: `%(h)s`. */
export const accessAtoms = {
  h: {
    meaning: 'Address of the client, behind a trusted proxy too; `-` for a unix socket',
    make: () => (entry) => orDash(entry.remoteAddress),
  },
  l: { meaning: 'Always `-`', make: () => () => '-' },
  u: {
    meaning: 'User name of Basic authentication',
    make: () => (entry) => userName(entry.requestHeader('authorization')),
  },
  t: { meaning: 'Local time of the line, `[10/Oct/2000:13:55:36 +0000]`', make: timeAtom },
  r: { meaning: 'Request line, `GET /path?query HTTP/1.1`', make: () => requestLine },
  m: { meaning: 'Request method', make: () => (entry) => orDash(entry.method) },
  U: { meaning: 'Path without the query', make: () => (entry) => orDash(beforeMark(entry.url)) },
  q: {
    meaning: 'Query, empty if the target has none',
    make: () => (entry) => escapeText(afterMark(entry.url)),
  },
  H: { meaning: 'Protocol, `HTTP/1.1`', make: () => protocol },
  s: { meaning: 'Status code', make: () => (entry) => integer(entry.status) },
  B: { meaning: 'Bytes of the response body', make: () => (entry) => integer(entry.bytes) },
  b: {
    meaning: 'Bytes of the response body, `-` for none',
    make: () => (entry) => (entry.bytes === 0 ? '-' : integer(entry.bytes)),
  },
  f: { meaning: 'Referer', make: () => (entry) => orDash(entry.requestHeader('referer')) },
  a: { meaning: 'User agent', make: () => (entry) => orDash(entry.requestHeader('user-agent')) },
  T: { meaning: 'Whole seconds the request took', make: () => (entry) => wholeUnits(entry.duration, 1e6) },
  M: {
    meaning: 'Whole milliseconds the request took',
    make: () => (entry) => wholeUnits(entry.duration, 1e3),
  },
  D: { meaning: 'Microseconds the request took', make: () => (entry) => wholeUnits(entry.duration, 1) },
  L: {
    meaning: 'Seconds the request took, with six decimals',
    make: () => (entry) => decimalSeconds(entry.duration),
  },
  I: {
    meaning: 'Id of the request, the same as `req.id` (not in gunicorn)',
    make: () => (entry) => entry.requestId() ?? '-',
  },
  Q: {
    meaning:
      'Whole milliseconds that the request waited before it reached the worker (X-Request-Start of a ' +
      'trusted proxy), `-` if that is not known (not in gunicorn)',
    make: () => (entry) => queueTime(entry.queueTime()),
  },
  p: { meaning: 'Process id, `<123>`', make: (context) => constant(`<${context.pid}>`) },
} as const satisfies Record<string, Atom>

/** The atoms with a name in braces: `%({user-agent}i)s`. */
export const accessAtomFamilies = {
  i: { argument: 'header', meaning: 'Request header', make: requestHeader },
  o: { argument: 'header', meaning: 'Response header', make: responseHeader },
  e: {
    argument: 'variable',
    meaning: 'Environment variable of the worker, read when it starts',
    make: (name, context) =>
      constant(orDash(Object.hasOwn(context.environment, name) ? context.environment[name] : undefined)),
  },
  x: {
    argument: 'variable',
    names: tlsVariableNames,
    meaning:
      `Of a connection with TLS, as in Apache: ${tlsVariableNames.map((name) => `\`${name}\``).join(', ')} ` +
      '(not in gunicorn)',
    make: tlsAtom,
  },
} as const satisfies Record<string, AtomFamily>

function constant(text: string): WriteAtom {
  return () => text
}

function timeAtom(): WriteAtom {
  const time = clfClock()
  return (entry) => time(entry.time)
}

function requestHeader(name: string): WriteAtom {
  const key = name.toLowerCase()
  return (entry) => orDash(entry.requestHeader(key))
}

function tlsAtom(name: string): WriteAtom {
  const variable = tlsVariable(name)
  return (entry) => {
    const facts = entry.tls?.()
    return facts === undefined ? '-' : orDash(variable(facts))
  }
}

function responseHeader(name: string): WriteAtom {
  const key = name.toLowerCase()
  return (entry) => headerText(entry.responseHeader(key))
}

function headerText(value: string | number | readonly string[] | undefined): string {
  if (typeof value === 'object') return orDash(value.join(', '))
  return typeof value === 'number' ? String(value) : orDash(value)
}

function requestLine(entry: AccessEntry): string {
  return entry.method === '' ? '-' : `${escapeText(entry.method)} ${orDash(entry.url)} ${protocol(entry)}`
}

function protocol(entry: AccessEntry): string {
  if (entry.httpVersion === '1.1') return 'HTTP/1.1'
  return entry.httpVersion === '' ? '-' : `HTTP/${escapeText(entry.httpVersion)}`
}

function beforeMark(url: string): string {
  const mark = url.indexOf('?')
  return mark === -1 ? url : url.slice(0, mark)
}

function afterMark(url: string): string {
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

/**
 * RFC 7617: base64 of `user:password`. Text without a colon may be a password, so it is not shown. A comma
 * separates a second header field; like Node, this uses the first.
 */
function userName(authorization: string | undefined): string {
  const token = /^basic ([^,]*)/i.exec(authorization ?? '')?.[1]
  if (token === undefined) return '-'
  const credentials = Buffer.from(token, 'base64').toString()
  const colon = credentials.indexOf(':')
  return colon < 1 ? '-' : escapeBareText(credentials.slice(0, colon))
}

function wholeUnits(duration: number, microsecondsPerUnit: number): string {
  return String(Math.floor(toMicroseconds(duration) / microsecondsPerUnit))
}

function queueTime(milliseconds: number | undefined): string {
  return milliseconds === undefined ? '-' : String(Math.floor(milliseconds))
}

function decimalSeconds(duration: number): string {
  const microseconds = toMicroseconds(duration)
  const seconds = Math.floor(microseconds / 1e6)
  return `${seconds}.${String(microseconds - seconds * 1e6).padStart(6, '0')}`
}

/** An app may assign any value to `res.statusCode`; Node checks it only when it sends the head. */
function integer(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : '-'
}

function orDash(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : escapeText(value)
}
