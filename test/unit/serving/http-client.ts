// Serves a listener on a loopback port for tests, and speaks to it byte by byte.

import { once } from 'node:events'
import net, { type Socket } from 'node:net'
import type { TestContext } from 'node:test'

/** Hands each connection on a port to `serve`. Returns a function that connects a client. */
export async function listenFor(
  t: TestContext,
  serve: (socket: Socket) => void,
): Promise<() => Promise<Client>> {
  const sockets: Socket[] = []
  const front = net.createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.push(socket)
    serve(socket)
  })
  front.listen(0, '127.0.0.1')
  await once(front, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    front.close()
  })
  return async () => {
    const address = front.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const client = new Client(net.connect(port, '127.0.0.1'))
    sockets.push(client.socket)
    await once(client.socket, 'connect')
    return client
  }
}

export class Client {
  readonly socket: Socket
  text = ''

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')))
    socket.on('error', () => undefined) // a reset shows in the text
  }

  send(text: string): this {
    this.socket.write(text)
    return this
  }

  /** Resolves with all that was received when it has this text, or when the connection has closed. */
  async receive(text: string): Promise<string> {
    while (!this.text.includes(text) && !this.socket.closed)
      await Promise.race([once(this.socket, 'data'), once(this.socket, 'close')])
    return this.text
  }

  async untilClose(): Promise<string> {
    if (!this.socket.closed) await once(this.socket, 'close')
    return this.text
  }
}

export const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`
