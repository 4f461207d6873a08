// gunicorn's access log atoms, `%(h)s` and the rest, and what each writes. Runs in a worker: `make` is called
// once for each atom of the format, the function it returns once for each request. The docs page and the
// error messages read these tables. Every value that comes from outside passes through an escape here, so
// that no format can be forged.

import { clfClock, toMicroseconds } from './clock.ts'
import type { AccessContext, AccessEntry } from './entry.ts'
import { escapeBareText, escapeText } from './escape.ts'

export type WriteAtom = (entry: AccessEntry) => string

export interface Atom {
  readonly meaning: string
  readonly make: (context: AccessContext) => WriteAtom
}

export interface AtomFamily {
  /** What stands between the braces. */
  readonly argument: string
  readonly meaning: string
  readonly make: (name: string, context: AccessContext) => WriteAtom
}

/** The atoms of one letter: `%(h)s`. */
export const accessAtoms = {
  h: { meaning: 'Remote address, `-` for a unix socket', make: () => (entry) => orDash(entry.remoteAddress) },
  l: { meaning: 'Always `-`', make: () => () => '-' },
  u: {
    meaning: 'User name of Basic authentication',
    make: () => (entry) => userName(entry.requestHeader('authorization')),
  },
  t: { meaning: 'Local time of the line, `[10/Oct/2000:13:55:36 +0000]`', make: timeAtom },
  r: { meaning: 'Request line, `GET /path?query HTTP/1.1`', make: () => requestLine },
  m: { meaning: 'Request method', make: () => (entry) => orDash(entry.method) },
  U: { meaning: 'Path without the query', make: () => (entry) => orDash(beforeMark(entry.url)) },
  q: { meaning: 'Query, empty when there is none', make: () => (entry) => escapeText(afterMark(entry.url)) },
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
    meaning: "Id of the request, as `req.id` has it (tsgun's own, not gunicorn's)",
    make: () => (entry) => entry.requestId() ?? '-',
  },
  p: { meaning: 'Process id, `<123>`', make: (context) => constant(`<${context.pid}>`) },
} as const satisfies Record<string, Atom>

/** The atoms with a name in braces: `%({user-agent}i)s`. */
export const accessAtomFamilies = {
  i: { argument: 'header', meaning: 'Request header', make: requestHeader },
  o: { argument: 'header', meaning: 'Response header', make: responseHeader },
  e: {
    argument: 'variable',
    meaning: 'Environment variable of the worker, as it was when the worker started',
    make: (name, context) =>
      constant(orDash(Object.hasOwn(context.environment, name) ? context.environment[name] : undefined)),
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
 * RFC 7617: base64 of `user:password`. Without a colon it is not known what the text is, so nothing of it is
 * shown. A comma is where a second field was joined; Node too takes the first.
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

function decimalSeconds(duration: number): string {
  const microseconds = toMicroseconds(duration)
  const seconds = Math.floor(microseconds / 1e6)
  return `${seconds}.${String(microseconds - seconds * 1e6).padStart(6, '0')}`
}

/** An app may assign anything to `res.statusCode`, and Node looks at it only when the head is sent. */
function integer(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : '-'
}

function orDash(value: string | undefined): string {
  return value === undefined || value === '' ? '-' : escapeText(value)
}
