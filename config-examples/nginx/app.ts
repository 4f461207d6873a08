import { createHash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'

const routes: Readonly<Record<string, (req: IncomingMessage, res: ServerResponse) => unknown>> = {
  // The client, not nginx: tsgun has read the headers of nginx.
  '/': ({ socket, headers }, res) => {
    const scheme = Reflect.get(socket, 'encrypted') === true ? 'https' : 'http'
    res.end(`${socket.remoteAddress} asked ${scheme}://${headers.host}\n`)
  },

  '/upload': async (req, res) => {
    const hash = createHash('sha256')
    for await (const chunk of req) hash.update(chunk as Buffer)
    res.end(`${hash.digest('hex')}\n`)
  },

  // The app decides who may have the file, and nginx sends it.
  '/download': (_, res) => {
    res.setHeader('X-Accel-Redirect', '/files/report.txt')
    res.setHeader('Content-Type', 'text/plain')
    res.end()
  },
}

export default (req: IncomingMessage, res: ServerResponse): unknown => {
  const route = routes[req.url ?? '']
  return route === undefined ? res.writeHead(404).end('not found\n') : route(req, res)
}

const sockets = new WebSocketServer({ noServer: true })

export const upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer): void =>
  sockets.handleUpgrade(req, socket, head, (webSocket) => {
    webSocket.on('message', (data: Buffer) =>
      webSocket.send(`${req.socket.remoteAddress}: ${data.toString()}`),
    )
  })
