// Runs in `tsgunctl`: one request to the control socket, and the answer.

import { request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'

/** Nobody answers at the socket, said for a person. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
}

export interface Question {
  readonly method: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

export interface Reply {
  readonly status: number
  /** Ends when the connection does, in whatever way. */
  readonly lines: AsyncIterable<string>
}

/** Milliseconds until the server has to begin with its answer. */
const patience = 30_000

const explanations: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file: the server does not run, or its `control_socket` is another path',
  ECONNREFUSED:
    'nobody listens there: the server is gone, and has not stopped in order; its next start replaces ' +
    'the file',
  EACCES: "permission denied: connect as the user of the server's master, or see `control_socket_mode`",
  EPERM: "permission denied: connect as the user of the server's master, or see `control_socket_mode`",
  ENOTSOCK: 'there is a file at this path that is no socket; is it the right path?',
  ECONNRESET: 'the connection was cut off: the server has just ended, or has too many clients at this moment',
  EPIPE: 'the connection was cut off: the server has just ended, or has too many clients at this moment',
  ETIMEDOUT:
    'no answer: the master may be stopped (SIGSTOP) or blocked by a hook; its error log may say more',
}

/** Rejects with Unreachable. */
export function ask(socketPath: string, { method, path, body }: Question, wait = patience): Promise<Reply> {
  const text = method === 'GET' ? '' : JSON.stringify(body)
  const headers =
    text === '' ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) }
  return new Promise((fulfil, reject) => {
    const asked = request({ socketPath, method, path, headers, host: 'localhost' })
    const giveUp = setTimeout(
      () => asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      wait,
    )
    asked.once('response', (response) => {
      clearTimeout(giveUp)
      if (!/^application\/(x-nd)?json$/.test(response.headers['content-type'] ?? ''))
        return void asked.destroy(noControl())
      fulfil({ status: response.statusCode ?? 0, lines: linesOf(response) })
    })
    asked.on('error', (error) => {
      clearTimeout(giveUp)
      reject(new Unreachable(explain(socketPath, error), { cause: error }))
    })
    asked.end(text)
  })
}

function explain(path: string, error: NodeJS.ErrnoException): string {
  const { code = '', message } = error
  const why = explanations[code] ?? (code.startsWith('HPE_') ? noControl().message : message)
  return `nobody answers at ${path}: ${why}`
}

function noControl(): Error {
  return new Error('what answers there is no control socket of tsgun; is it the right path?')
}

async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  try {
    for await (const line of createInterface({ input: response, crlfDelay: Infinity })) yield line
  } catch {
    return // the connection broke off: whoever reads misses the last line
  }
}
