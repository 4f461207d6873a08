// The baseline of `npm run bench -- compute`: node:cluster with two workers that recognise text themselves.

import cluster from 'node:cluster'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import eng from '@tesseract.js-data/eng'
import { createWorker, OEM } from 'tesseract.js'

const image = readFileSync(join(import.meta.dirname, '../../../config-examples/ocr/invoice.png'))

if (cluster.isPrimary) {
  const ready = []
  for (let nr = 0; nr < 2; nr += 1) {
    const worker = cluster.fork()
    worker.on('message', ({ port }) => {
      ready.push(port)
      if (ready.length === 2) console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${port}`] }))
    })
  }
  process.on('SIGTERM', () => process.exit())
} else {
  const { langPath, gzip } = eng
  const engine = await createWorker('eng', OEM.LSTM_ONLY, { langPath, gzip, cacheMethod: 'none' })
  const server = createServer(async (request, response) => {
    if (request.url === '/health') return response.end('ok')
    const { data } = await engine.recognize(image)
    response.end(data.text)
  })
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }))
}
