// The relay that is usual with node:cluster: workers send to the primary, and the primary sends to all.

import cluster from 'node:cluster'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { measure, publisher, subscribe } from './load.js'

const handlers = new Map()
const carrier = {
  publish: (topic, data) => process.send({ topic, data }),
  subscribe: (topic, handler) => void handlers.set(topic, handler),
}

if (cluster.isPrimary) await startPrimary()
else await startWorker(Number(process.env.NR))

async function startPrimary() {
  const workers = Array.from({ length: 5 }, (_, nr) => cluster.fork({ NR: nr }))
  const [first] = workers
  for (const worker of workers)
    worker.on('message', (message) => {
      if (message.topic !== undefined) for (const other of workers) other.send(message)
    })
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const server = createServer((request, response) => {
    first.on('message', function onMessage({ result }) {
      if (result === undefined) return
      first.off('message', onMessage)
      response.end(JSON.stringify(result))
    })
    first.send({ url: request.url })
  })
  server.listen(0, '127.0.0.1', () =>
    console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${server.address().port}`] })),
  )
}

async function startWorker(nr) {
  const made = nr === 0 ? await publisher(carrier) : await subscribe(carrier, nr)
  process.on('message', async ({ topic, data, url }) => {
    if (url === undefined) handlers.get(topic)?.(data)
    else process.send({ result: await measure(made, url) })
  })
  process.send({ ready: true })
}
