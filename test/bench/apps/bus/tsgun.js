// The bus of tsgun: worker 0 publishes, the others subscribe.

import { createServer } from 'node:http'
import { bus } from 'tsgun'
import { measure, publisher, subscribe } from './load.js'

const nr = Number(process.env.TSGUN_WORKER_NR)
const carrier = {
  publish: (topic, data) => bus.publish(topic, data),
  subscribe: (topic, handler) => bus.subscribe(topic, handler).ready,
}
if (nr === 0) {
  const made = await publisher(carrier)
  await bus.subscribe('measure', (url) => measure(made, url)).ready
} else await subscribe(carrier, nr)

export default createServer(async (request, response) => {
  response.end(JSON.stringify(await bus.request('measure', request.url, { timeout: 60_000 })))
})
