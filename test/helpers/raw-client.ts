// A client on a raw socket, for what no HTTP client sends.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import { connectTo } from './http.ts'
import { eventually } from './wait.ts'

export class RawClient {
  readonly socket: Socket
  /** All that it has received, at most 100,000 characters. */
  text = ''
  received = 0
  /** The error that has ended the connection, such as ECONNRESET. */
  error: Error | undefined

  constructor(server: { readonly url: string }) {
    this.socket = connectTo(server.url)
    this.socket.on('error', (error) => (this.error = error))
    this.socket.on('data', (chunk: Buffer) => {
      this.received += chunk.length
      if (this.text.length < 100_000) this.text += chunk.toString('latin1')
    })
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  async until(condition: () => boolean): Promise<void> {
    await eventually(
      'data',
      () => condition() || undefined,
      () => this.text,
    )
  }

  /** Resolves with all that it has received, when the connection is closed. */
  async closed(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close')
    return this.text
  }
}

/** What the server sends in place of a response of the app. `status`: with its reason phrase. */
export const refusedWith = (status: string): string =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
  `Content-Length: ${status.length + 1}\r\n\r\n${status}\n`
