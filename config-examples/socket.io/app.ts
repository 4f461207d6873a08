// A chat: socket.io with long polling and WebSockets. Each worker has its own clients; with REDIS_URL a
// message reaches those of all workers.
import { createServer } from 'node:http'
import { createAdapter } from '@socket.io/redis-adapter'
import { createClient } from 'redis'
import { Server, type Socket } from 'socket.io'
import { drainSignal, log } from 'tsgun'

const server = createServer((_request, response) =>
  response.end(`worker ${process.env['TSGUN_WORKER_NR']}\n`),
)
const io = new Server(server)

io.on('connection', (socket: Socket) => {
  socket.on('who', (reply: (nr: string | undefined, pid: number) => void) =>
    reply(process.env['TSGUN_WORKER_NR'], process.pid),
  )
  socket.on('say', (text: string, reply: () => void) => {
    io.emit('said', text)
    reply()
  })
})

// Ends the sessions of long polling, which would hold the worker up for 25 seconds: the clients connect
// again by themselves. WebSockets get code 1012 without this.
drainSignal.addEventListener('abort', () => void io.engine.close())
io.engine.on('connection', (session) => drainSignal.aborted && session.close())

const { REDIS_URL: url } = process.env
const clients = url === undefined ? [] : [createClient({ url }), createClient({ url })]

export async function startup(): Promise<void> {
  for (const client of clients) client.on('error', (error) => log.error(error, 'redis'))
  await Promise.all(clients.map((client) => client.connect()))
  const [publisher, subscriber] = clients
  if (publisher && subscriber) io.adapter(createAdapter(publisher, subscriber))
}

export async function shutdown(): Promise<void> {
  await Promise.all(clients.map((client) => client.close()))
}

export default server
