// The service with the WebSockets: passes on what is published, and replies to pages that ask what they have
// missed.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { bus, BusError, log } from 'tsgun'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Message, Missed } from './messages.ts'

/** Bytes that may wait for a slow client. Then it is disconnected, connects again and asks. */
const mostWaiting = 1_000_000

// A page sends nothing but numbers.
const sockets = new WebSocketServer({ noServer: true, maxPayload: 100 })

bus.subscribe('messages', (message: Message) => {
  const text = JSON.stringify({ message })
  for (const client of sockets.clients) {
    if (client.bufferedAmount > mostWaiting) client.terminate()
    else client.send(text)
  }
})

sockets.on('connection', (client) => {
  client.on('error', (error) => log.info(error, 'a client has sent something else than a message'))
  client.on('message', (data) => void reply(client, Number(String(data))))
})

async function reply(client: WebSocket, after: number): Promise<void> {
  if (!Number.isSafeInteger(after)) return client.close(1008, 'not a number')
  try {
    const missed = await bus.request<Missed>('store.after', after)
    client.send(JSON.stringify({ missed }))
  } catch (error) {
    if (!(error instanceof BusError)) throw error
    client.close(1013, 'try again later') // the page connects again, and asks again
  }
}

export function upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
  if (isOwnPage(req)) sockets.handleUpgrade(req, socket, head, (client) => sockets.emit('connection', client))
  else socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

/** Any page of the web may open a WebSocket to any server; its browser says from where the page is. */
function isOwnPage({ headers: { origin = '', host = '' } }: IncomingMessage): boolean {
  return URL.canParse(origin) && new URL(origin).hostname === new URL(`http://${host}`).hostname
}

export default (_req: IncomingMessage, res: ServerResponse): unknown =>
  res.writeHead(426, { connection: 'upgrade', upgrade: 'websocket' }).end('only WebSockets here\n')
