// A strict HTTP client: no retries and no hidden reuse of connections; every error is reported.

import http from 'node:http'
import { once } from 'node:events'
import net from 'node:net'

/** The error of a request whose connection is cut off, at any moment. */
export const cutOff = /hang up|ECONNRESET|EPIPE|aborted/

export interface HttpResponse {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly body: string
}

export interface AskOptions {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  /** Undefined: a connection of its own that is closed afterwards. */
  readonly agent?: http.Agent
}

/** `url` is `http://host:port` or `unix:/path/to.sock`, `path` is that of the request. */
export function ask(
  url: string,
  path = '/',
  { method = 'GET', headers = {}, body, agent }: AskOptions = {},
): Promise<HttpResponse> {
  const target = url.startsWith('unix:')
    ? { socketPath: url.slice('unix:'.length) }
    : { host: new URL(url).hostname.replace(/[[\]]/g, ''), port: new URL(url).port }
  return new Promise((resolve, reject) => {
    const request = http.request({ ...target, path, method, headers, agent: agent ?? false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** Sends bytes unchanged and resolves with all received text when the server has closed the connection. */
export async function sendRaw(url: string, bytes: string): Promise<string> {
  const socket = connectTo(url)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
  socket.on('error', (error) => (text += `[${error.message}]`))
  socket.write(bytes)
  await once(socket, 'close')
  return text
}

export function connectTo(url: string): net.Socket {
  if (url.startsWith('unix:')) return net.connect(url.slice('unix:'.length))
  const { hostname, port } = new URL(url)
  return net.connect(Number(port), hostname.replace(/[[\]]/g, ''))
}
