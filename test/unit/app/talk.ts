// Calls a handler through Node's HTTP parser without a socket: a server accepts any duplex stream as a
// connection.

import { createServer } from 'node:http'
import { connect, createServer as createHttp2Server } from 'node:http2'
import { Duplex } from 'node:stream'
import type { App, ReportError, RequestHandler } from '../../../src/app/model/app.ts'
import { loadApp } from '../../../src/app/load.ts'
import { noListening } from './no-listening.ts'

/** Sends one GET and resolves to all that is received until the connection is closed. */
export async function get(
  handle: RequestHandler,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const connection = new Connection()
  const closed = new Promise<void>((resolve) => connection.once('close', () => resolve()))
  createServer((request, response) => void handle(request, response)).emit('connection', connection)
  const lines = Object.entries({ host: 'unit', connection: 'close', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  connection.push(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
  await closed
  return connection.received
}

/** The server's end of a connection; keeps what the server writes. */
class Connection extends Duplex {
  received = ''

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.received += chunk.toString()
    done()
  }

  override _final(done: () => void): void {
    this.push(null)
    done()
  }
}

export interface Reports {
  readonly errors: unknown[]
  readonly report: ReportError
}

export function collectReports(): Reports {
  const errors: unknown[] = []
  return { errors, report: (error) => void errors.push(error) }
}

/** Loads an app from a namespace instead of a file; the path only has to exist. */
export function loadFrom(
  namespace: Readonly<Record<string, unknown>>,
  report: ReportError,
  path = '',
): Promise<App> {
  return loadApp({
    reference: `./talk.ts${path}`,
    load: () => Promise.resolve(namespace),
    directory: import.meta.dirname,
    report,
    listening: noListening,
    note: () => undefined,
    onSlow: () => undefined,
    warn: () => undefined,
  })
}

export interface Http2Answer {
  readonly status: number | undefined
  readonly body: string
  /** The error code that closed the stream; 0 when it was complete. */
  readonly code: number
}

/** The same over HTTP/2; the second argument is called with each received piece of the body. */
export async function getHttp2(
  handle: RequestHandler,
  path: string,
  onPiece: () => void = () => undefined,
): Promise<Http2Answer> {
  const [near, far] = duplexPair()
  // Node's compatibility layer has its own classes; a worker hands them to the same handler.
  const server = createHttp2Server(
    (request, response) => void Reflect.apply(handle, undefined, [request, response]),
  )
  server.emit('connection', far)
  const session = connect('http://unit', { createConnection: () => near })
  const stream = session.request({ ':path': path }).setEncoding('utf8')
  let [status, body]: [number | undefined, string] = [undefined, '']
  stream.on('response', (headers) => (status = headers[':status']))
  stream.on('data', (piece) => {
    body += piece
    onPiece()
  })
  // The code has the reason.
  stream.on('error', () => undefined)
  await new Promise<void>((resolve) => stream.once('close', () => resolve()))
  session.destroy()
  return { status, body, code: stream.rstCode }
}

/** Two ends of one connection in memory. */
function duplexPair(): readonly [Duplex, Duplex] {
  const near = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, done) => void (far.push(chunk), done()),
  })
  const far: Duplex = new Duplex({
    read: () => undefined,
    write: (chunk, _encoding, done) => void (near.push(chunk), done()),
  })
  return [near, far]
}
