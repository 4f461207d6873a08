// Runs in a worker, only when the access log asks for it: what is known of the handshake of a connection. It
// is read at once, because a closed connection has no certificate any more.

import type { TLSSocket } from 'node:tls'
import type { TlsFacts } from '../../logging/access/entry.ts'

const factsKey = Symbol('tsgun.tls')

interface NotedSocket {
  [factsKey]?: TlsFacts
}

export function noteFacts(secure: TLSSocket & NotedSocket): void {
  const certificate = secure.getPeerX509Certificate()
  secure[factsKey] = {
    protocol: secure.getProtocol() ?? '',
    cipher: secure.getCipher().standardName,
    serverName: nameAskedFor(secure),
    resumed: secure.isSessionReused(),
    subject: certificate === undefined ? '' : inOneLine(certificate.subject),
    verify: certificate === undefined ? 'NONE' : 'SUCCESS', // one that is not valid is refused
  }
}

/** Undefined without TLS, or when nothing was noted. */
export function factsOf(socket: object): TlsFacts | undefined {
  return (socket as NotedSocket)[factsKey]
}

/** What is known of a connection is known of the streams of HTTP/2 on it. */
export function shareFacts(carrier: object, stream: object): void {
  const facts = factsOf(carrier)
  if (facts) Object.assign(stream, { [factsKey]: facts } satisfies NotedSocket)
}

function nameAskedFor(secure: TLSSocket): string {
  const name: unknown = Reflect.get(secure, 'servername') // false without one
  return typeof name === 'string' ? name : ''
}

/** Node has a line for each part, the first one first; RFC 2253 has the last one first. */
function inOneLine(subject: string): string {
  return subject.split('\n').reverse().join(',')
}
