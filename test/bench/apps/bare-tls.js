// The baseline of handshakes: https of Node alone, with the certificate and the key that it is given. Prints
// where it listens.

import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'

const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path))

const server = createServer({ cert, key }, (request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' }).end('hello world')
})
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ listeners: [`https://127.0.0.1:${server.address().port}`] })}\n`),
)
