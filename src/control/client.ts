// Runs in `tsgunctl`: sends one request to the control socket and reads the response.

import { statSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import { serverName } from './protocol.ts'

/** No server responds at the socket. The message is for the operator. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

export interface ControlRequest {
  readonly method: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface ControlResponse {
  readonly status: number
  /** Ends when the connection is closed, also by an error. */
  readonly lines: AsyncIterable<string>
}

/** Milliseconds until the response must begin. */
const responseTimeout = 30_000

/** Milliseconds after which the wait is announced. */
const patience = 3000

export interface SendOptions {
  /** Milliseconds until the response must begin. */
  readonly timeout?: number
  /** Called once if the response takes long. */
  readonly onWait?: () => void
}

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'the file does not exist: the server is not running, or its `control_socket` is another path',
  ECONNREFUSED:
    'no process listens on it: the server was killed and could not remove the file; its next start ' +
    'replaces it',
  EACCES: "permission denied: connect as the user of the server's master, or see `control_socket_mode`",
  EPERM: "permission denied: connect as the user of the server's master, or see `control_socket_mode`",
  ENOTSOCK: 'the file at this path is not a socket; is it the right path?',
  ECONNRESET: 'the connection was closed: the server has just exited, or has too many clients at the moment',
  EPIPE: 'the connection was closed: the server has just exited, or has too many clients at the moment',
  ETIMEDOUT: 'no response: the master may be stopped (SIGSTOP) or blocked by a hook; see its error log',
}

/** Resolves when the head of the response has been received. Rejects with Unreachable. */
export function send(
  socketPath: string,
  { method, path, body }: ControlRequest,
  { timeout = responseTimeout, onWait = () => undefined }: SendOptions = {},
): Promise<ControlResponse> {
  const text = method === 'GET' ? '' : JSON.stringify(body)
  const headers =
    text === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, host: 'localhost' })
    const timer = setTimeout(
      () => sent.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeout,
    )
    const announcement = setTimeout(onWait, patience)
    const clear = (): void => {
      clearTimeout(timer)
      clearTimeout(announcement)
    }
    sent.once('response', (response) => {
      clear()
      // the app's own socket may respond with JSON too
      if (response.headers.server !== serverName) return void sent.destroy(notControlSocket())
      resolve({ status: response.statusCode ?? 0, lines: linesOf(response) })
    })
    sent.on('error', (error) => {
      clear()
      reject(new Unreachable(explain(socketPath, error), { cause: error }))
    })
    sent.end(text)
  })
}

function explain(path: string, error: NodeJS.ErrnoException): string {
  const { code = '', message } = error
  if (isOtherFile(path)) return `${path} is no socket; is it the right path?`
  const why = explanations[code] ?? (code.startsWith('HPE_') ? notControlSocket().message : message)
  return `no server responds at ${path}: ${why}`
}

function isOtherFile(path: string): boolean {
  try {
    return !statSync(path).isSocket()
  } catch {
    return false // the error of the connection says more
  }
}

function notControlSocket(): Error {
  return new Error('that is no control socket of tsgun, but another server; is it the right path?')
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) yield line
  } catch {
    return // the connection failed: the reader notices that the last line is missing
  }
}
