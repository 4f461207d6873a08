// A WebSocket of a client at 127.0.0.2, which a proxy has to name.

import { WebSocket } from 'ws'

/** Resolves with the first message that comes back for `tea`. */
export async function replyToTea(url: string): Promise<string> {
  const socket = new WebSocket(url.replace('http', 'ws'), { localAddress: '127.0.0.2' })
  socket.once('open', () => socket.send('tea'))
  const reply = await new Promise<string>((resolve, reject) => {
    socket.once('error', reject)
    socket.once('message', (data: Buffer) => resolve(data.toString()))
  })
  socket.close()
  return reply
}
