// Says which worker has responded, after 20 ms for `/slow`.

import { setTimeout as delay } from 'node:timers/promises'

export async function app(request, response) {
  if (request.url === '/slow') await delay(20)
  response.end(`slot=${process.pid};`)
}
