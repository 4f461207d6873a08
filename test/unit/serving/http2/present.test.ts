// A stream as the request and response of node:http.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { presentRequest, presentResponse, presentUpgrade } from '../../../../src/serving/http2/present.ts'
import { openStream, received, type Pair, type PairOptions } from './h2-pair.ts'

interface Presented extends Pair {
  readonly request: IncomingMessage
  readonly response: ServerResponse
}

async function present(t: TestContext, options: PairOptions = {}): Promise<Presented> {
  const pair = await openStream(t, options)
  const request = presentRequest(pair.stream, pair.socket, pair.head)
  return { ...pair, request, response: presentResponse(request, pair.socket) }
}

const post = { ':method': 'POST', ':path': '/a?b=c' } as const

test('a request has method, path, version and headers without pseudo-headers', async (t) => {
  const { request, client } = await present(t, {
    headers: { ':path': '/a?b=c', ':authority': 'shop.example', 'X-B': 'c', cookie: ['a=1', 'b=2'] },
  })
  assert.deepEqual(
    [request.method, request.url, request.httpVersion, request.httpVersionMajor],
    ['GET', '/a?b=c', '2.0', 2],
  )
  assert.deepEqual({ ...request.headers }, { host: 'shop.example', 'x-b': 'c', cookie: 'a=1; b=2' })
  assert.ok(request.rawHeaders.every((text) => !text.startsWith(':')))
  assert.equal(request.complete, true)
  assert.deepEqual(await request.toArray(), [])
  client.close()
})

test('a Host of its own is there once, and twice where it differs from :authority', async (t) => {
  const hosts = async (host: string): Promise<readonly string[]> => {
    const { request } = await present(t, { headers: { ':authority': 'a.example', host } })
    return request.rawHeaders.filter((_, at) => request.rawHeaders[at - 1]?.toLowerCase() === 'host')
  }
  assert.deepEqual(await hosts('A.example'), ['A.example'])
  assert.deepEqual(await hosts('b.example'), ['a.example', 'b.example'], 'which is refused')
})

test('a body without a length is announced as in HTTP/1, one with a length has it', async (t) => {
  const { request } = await present(t, { headers: post, hasBody: true })
  assert.equal(request.headers['transfer-encoding'], 'chunked')
  const known = await present(t, { headers: { ...post, 'content-length': '3' }, hasBody: true })
  assert.deepEqual(
    [known.request.headers['content-length'], known.request.headers['transfer-encoding']],
    ['3', undefined],
  )
})

test('a large body arrives whole, and waits while the app does not read', async (t) => {
  const { request, socket, client } = await present(t, { headers: post, hasBody: true })
  const size = 5_000_000
  client.end(Buffer.alloc(size, 'a'))
  await once(request, 'readable')
  await delay(50)
  assert.ok(request.readableLength > 0, 'it is the app that is slow')
  assert.ok(socket.bytesRead < 1_000_000, `${socket.bytesRead} bytes in memory`)
  let count = 0
  for await (const chunk of request) count += (chunk as Buffer).length
  assert.equal(count, size)
  assert.equal(request.complete, true)
})

test('what the client sends before the app reads is there without a read', async (t) => {
  const { request, client } = await present(t, { headers: post, hasBody: true })
  client.write('begin')
  for (let turn = 0; request.readableLength === 0 && turn < 200; turn += 1) await delay(5)
  assert.equal(request.readableLength, 5)
})

for (const [what, breakOff] of [
  ['resets its stream', ({ client }: Pair) => void client.destroy(new Error('enough'))],
  ['drops its connection', ({ client }: Pair) => void client.session?.destroy()],
] as const)
  test(`an upload whose client ${what} is an error of the request`, async (t) => {
    const presented = await present(t, { headers: post, hasBody: true })
    const { request, client, socket } = presented
    socket.on('error', () => undefined)
    client.write('begin')
    await once(request, 'readable')
    const failed = assert.rejects(request.toArray(), { code: 'ECONNRESET', message: 'aborted' })
    breakOff(presented)
    await failed
    assert.equal(request.complete, false)
  })

test('a response is sent whole, and its socket closes with it', async (t) => {
  const { response, socket, client } = await present(t)
  const closed = once(socket, 'close')
  response.setHeader('X-A', ['1', '2'])
  response.writeHead(202, { 'content-type': 'text/plain' })
  response.write('a')
  response.end('b')
  const { headers, body } = await received(client)
  assert.deepEqual([headers[':status'], headers['x-a'], body], [202, '1, 2', 'ab'])
  await closed
})

test('a response without a length is not sent in chunks of HTTP/1', async (t) => {
  const { response, client } = await present(t)
  response.write('a')
  response.end('b')
  const { headers, body } = await received(client)
  assert.deepEqual([headers['transfer-encoding'], body], [undefined, 'ab'])
})

test('a response waits for a client that does not read, and drains', async (t) => {
  const { response, client } = await present(t, { window: 1000 })
  assert.equal(response.write(Buffer.alloc(1_000_000, 'a')), false)
  const drained = once(response, 'drain')
  const got = received(client)
  await drained
  response.end()
  assert.equal((await got).body.length, 1_000_000)
})

test('a request for a WebSocket is one of HTTP/1, with a key of its own', async (t) => {
  const { socket, head } = await openStream(t, {
    headers: {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
      ':authority': 'a.example',
      'sec-websocket-version': '13',
    },
    isTunnel: true,
  })
  const request = presentUpgrade(socket, head)
  const { headers, method, complete } = request
  assert.deepEqual([method, headers.host, complete], ['GET', 'a.example', true])
  assert.deepEqual([headers.connection, headers.upgrade], ['Upgrade', 'websocket'])
  assert.equal(Buffer.from(headers['sec-websocket-key'] ?? '', 'base64').length, 16)
  assert.notEqual(presentUpgrade(socket, head).headers['sec-websocket-key'], headers['sec-websocket-key'])
})
