// The baseline of HTTP/2: node:http2 alone, in clear text. Prints where it listens.

import { createServer } from 'node:http2'
import { app } from './hello.js'

const server = createServer(app)
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ listeners: [`http://127.0.0.1:${server.address().port}`] })}\n`),
)
