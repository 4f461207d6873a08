// The baseline with node:cluster, which accepts in one process and hands the connections to the others.
// Usage: node cluster.js APP NUMBER. Prints a line of JSON when all of them serve.

import cluster from 'node:cluster'
import { createServer } from 'node:http'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [, , file, number] = process.argv
if (cluster.isPrimary) {
  const workers = Array.from({ length: Number(number) }, () => cluster.fork())
  const ports = await Promise.all(
    workers.map((worker) => new Promise((fulfil) => worker.once('listening', ({ port }) => fulfil(port)))),
  )
  console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${ports[0]}`] }))
} else {
  const { app } = await import(pathToFileURL(resolve(file)).href)
  createServer(app).listen(Number(process.env.PORT ?? 0), '127.0.0.1')
}
