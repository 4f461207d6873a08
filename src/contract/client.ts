// Runs in a test of the user: the client of the battery. It repeats no request and reuses no connection.

import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'

export interface Answer {
  readonly status: number
  readonly body: string
}

/** `url`: `http://host:port` or `unix:/path`. */
export function ask(url: string, path = '/', body?: Buffer): Promise<Answer> {
  const target = url.startsWith('unix:')
    ? { socketPath: url.slice('unix:'.length) }
    : { host: new URL(url).hostname, port: new URL(url).port }
  const headers = body === undefined ? {} : { 'content-type': 'application/octet-stream' }
  const method = body === undefined ? 'GET' : 'POST'
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A plain connection, with all that it has received. */
export class RawClient {
  readonly socket: Socket
  text = ''

  constructor(url: string) {
    const { hostname, port } = new URL(url)
    this.socket = connect(Number(port), hostname)
    this.socket.on('data', (bytes: Buffer) => (this.text += bytes.toString()))
    this.socket.on('error', () => undefined) // a reset is one of the ways to be cut off
  }

  send(path: string): void {
    this.socket.write(`GET ${path} HTTP/1.1\r\nhost: contract\r\n\r\n`)
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close')
  }
}
