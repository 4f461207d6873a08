// Redis with its official client: the same processes, and a redis-server on a unix socket.

import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { measure, publisher, subscribe } from './load.js'

if (process.send === undefined) await startParent()
else await startWorker(Number(process.env.NR), process.env.SOCKET)

async function startParent() {
  const socket = join(mkdtempSync(join(tmpdir(), 'bench-redis-')), 'socket')
  const redis = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', ''], {
    stdio: 'ignore',
  })
  await delay(500)
  const workers = Array.from({ length: 5 }, (_, nr) =>
    fork(import.meta.filename, { env: { ...process.env, NR: nr, SOCKET: socket } }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const [first] = workers
  const server = createServer(async (request, response) => {
    first.send(request.url)
    const [result] = await once(first, 'message')
    response.end(JSON.stringify(result))
  })
  server.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${server.address().port}`] })),
  )
  process.once('SIGTERM', () => {
    redis.kill()
    for (const worker of workers) worker.kill()
    process.exit(0)
  })
}

async function startWorker(nr, socket) {
  const [out, into] = [0, 1].map(() => createClient({ socket: { path: socket } }))
  await Promise.all([out.connect(), into.connect()])
  const carrier = {
    publish: (topic, data) => void out.publish(topic, JSON.stringify(data)),
    subscribe: (topic, handler) => into.subscribe(topic, (text) => handler(JSON.parse(text))),
  }
  const made = nr === 0 ? await publisher(carrier) : await subscribe(carrier, nr)
  process.on('message', async (url) => process.send(await measure(made, url)))
  process.send('ready')
}
