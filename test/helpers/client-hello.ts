// The first bytes that a real client of Node.js sends in a handshake.

import { Duplex } from 'node:stream'
import tls, { type ConnectionOptions } from 'node:tls'

export function helloOf(options: ConnectionOptions): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = new Duplex({
      read: () => undefined,
      write(chunk: Buffer, _, done) {
        done()
        resolve(chunk)
      },
    })
    tls.connect({ socket, ...options }).on('error', () => undefined) // nothing answers it
  })
}
