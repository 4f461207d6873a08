// A bare server of Node that answers each request with or without the check of tsgun before it.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequestCheck } from '../../../src/serving/validity/check-request.ts'

const limits = { line: 4094, fields: 100, fieldSize: 8190, body: 0, requiresHost: true }
const check = process.argv[2] === 'on' ? createRequestCheck(limits) : undefined

const server = createServer({ requireHostHeader: check === undefined }, (request, response) => {
  if (check?.(request)) response.statusCode = 400
  response.setHeader('content-type', 'text/plain')
  response.end('hello world')
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo // of a TCP server
  console.log(JSON.stringify({ listeners: [`http://127.0.0.1:${port}`] }))
})
