// One line for each request, with what the client got.

import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import type { AccessEntry } from '../../../../src/logging/access/entry.ts'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { createAccessWriter, type WriteAccess } from '../../../../src/serving/records/access.ts'
import { beginRecord, recordSentByServer, recordTimeout } from '../../../../src/serving/records/record.ts'
import { FakeSocket, fakeResponse } from '../fakes.ts'
import { get, listenFor, type Client } from '../http-client.ts'

function writer(lines: string[], nows: (number | undefined)[] = []): WriteAccess {
  return createAccessWriter({
    format: (entry) =>
      [entry.method, entry.url, entry.httpVersion, entry.status, entry.bytes, entry.outcome].join(' '),
    requests: new RequestLogs(new RequestIds(), assert.fail),
    write: (line, now) => {
      lines.push(line)
      nows.push(now)
    },
  })
}

async function serve(
  t: TestContext,
  lines: string[],
  handle: RequestListener,
): Promise<() => Promise<Client>> {
  const access = writer(lines)
  const server = createServer((request, response) => {
    access.begin(response, performance.now())
    response.on('close', () => access.finish(response, performance.now()))
    handle(request, response)
  })
  return listenFor(t, (socket) => server.emit('connection', socket))
}

test('the bytes of the body are counted, however the app sends them', async (t) => {
  const lines: string[] = []
  const connect = await serve(t, lines, ({ url }, response) => {
    if (url === '/none') return response.end()
    if (url === '/text') return response.end('é')
    if (url === '/latin1') return response.end('é', 'latin1')
    if (url === '/bytes') return response.end(new Uint8Array(7))
    if (url === '/callback') return response.end(() => undefined)
    if (url === '/204' || url === '/304') return response.writeHead(Number(url.slice(1))).end('dropped')
    response.write('abc')
    assert.equal(response.write(Buffer.from('de')), true)
    assert.equal(response.write(Buffer.alloc(0)), true)
    return response.end('f', () => undefined)
  })
  const paths = ['/none', '/text', '/latin1', '/bytes', '/callback', '/204', '/304', '/parts']
  for (const path of paths) {
    const client = await connect()
    client.socket.end(get(path))
    await client.untilClose()
  }
  assert.deepEqual(lines, [
    'GET /none 1.1 200 0 complete',
    'GET /text 1.1 200 2 complete',
    'GET /latin1 1.1 200 1 complete',
    'GET /bytes 1.1 200 7 complete',
    'GET /callback 1.1 200 0 complete',
    'GET /204 1.1 204 0 complete',
    'GET /304 1.1 304 0 complete',
    'GET /parts 1.1 200 6 complete',
  ])
})

test('HEAD has no body, and a framework may change url and prototype', async (t) => {
  const lines: string[] = []
  const connect = await serve(t, lines, (request, response) => {
    request.url = '/changed'
    Object.setPrototypeOf(response, Object.create(Object.getPrototypeOf(response) as object) as object)
    response.end('body')
  })
  const client = await connect()
  client.socket.end('HEAD /a HTTP/1.1\r\nHost: a\r\n\r\n')
  await client.untilClose()
  assert.deepEqual(lines, ['HEAD /a 1.1 200 0 complete'])
})

test('a client that leaves is a 499 without a head, and aborted with one', async (t) => {
  const lines: string[] = []
  const connect = await serve(t, lines, ({ url, socket }, response) => {
    if (url === '/head') response.writeHead(201).write('abc', () => socket.destroy())
    else socket.destroy()
  })
  for (const path of ['/none', '/head']) await (await connect()).send(get(path)).untilClose()
  assert.deepEqual(lines, ['GET /none 1.1 499 0 aborted', 'GET /head 1.1 201 3 aborted'])
})

test('what the server has sent counts, not what the app writes', () => {
  const lines: string[] = []
  const nows: (number | undefined)[] = []
  const access = writer(lines, nows)
  const { response } = fakeResponse(new FakeSocket(), '/a', {
    statusCode: 200,
    headersSent: true,
    writableFinished: true,
  })
  Object.assign(response.req, { httpVersion: '1.1' })
  access.begin(response, 5)
  recordSentByServer(response, { status: 503, bytes: 26 })
  access.finish(response, 6)
  recordTimeout(response)
  access.finish(response, 7)
  assert.deepEqual(lines, ['GET /a 1.1 503 26 complete', 'GET /a 1.1 503 26 timeout'])
  assert.deepEqual(nows, [6, 7])
})

test('without an access log nothing is recorded', () => {
  const { response } = fakeResponse(new FakeSocket())
  assert.doesNotThrow(() => {
    recordSentByServer(response, { status: 503, bytes: 0 })
    recordTimeout(response)
  })
})

test('a line has the address, the times, the headers and the id of its request', () => {
  const entries: AccessEntry[] = []
  const access = createAccessWriter({
    format: (entry) => {
      const { remoteAddress, duration, time } = entry
      const headers = [entry.requestHeader('accept'), entry.responseHeader('etag'), entry.requestId()]
      entries.push(entry)
      return JSON.stringify([remoteAddress, duration, Math.abs(time - Date.now()) < 10_000, ...headers])
    },
    requests: new RequestLogs(new RequestIds(), assert.fail),
    write: (line) => lines.push(line),
  })
  const lines: string[] = []
  const fake = new FakeSocket()
  const { response } = fakeResponse(fake, '/', { getHeader: (name: string) => `of ${name}` })
  Object.assign(response.req, { rawHeaders: ['Accept', 'x', 'X-Request-Id', 'abc'] })
  beginRecord(response, 10)
  fake.remoteAddress = undefined
  access.finish(response, 12.5)
  assert.equal(lines[0], '["10.0.0.1",2.5,true,"x","of etag","abc"]')
  fake.remoteAddress = '10.0.0.2'
  access.invalid(fake.socket, 400)
  const entry = entries[1]
  assert.ok(entry)
  const { remoteAddress, duration, method, url, httpVersion, status, bytes, outcome } = entry
  assert.deepEqual([remoteAddress, duration, method, url, httpVersion], ['10.0.0.2', 0, '', '', ''])
  assert.deepEqual([status, bytes, outcome], [400, 0, 'invalid'])
  assert.deepEqual(
    [entry.requestHeader('a'), entry.requestId(), entry.responseHeader('a')],
    [undefined, undefined, undefined],
  )
})

test('an upgraded request has its line when the connection closes', () => {
  const lines: string[] = []
  const fake = new FakeSocket()
  const { req } = fakeResponse(fake, '/chat').response
  Object.assign(req, { httpVersion: '1.1' })
  writer(lines).upgraded(req, fake.socket)
  fake.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  fake.close()
  assert.deepEqual(lines, ['GET /chat 1.1 101 36 complete'])
})
