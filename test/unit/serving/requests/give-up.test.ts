// The end of a request that took too long, as the client and as the app see it.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { giveUp, leave } from '../../../../src/serving/requests/give-up.ts'
import { beginRecord } from '../../../../src/serving/records/record.ts'
import { FinishedRequest } from '../../../../src/serving/records/response.ts'
import { get, listenFor, type Client } from '../http-client.ts'

interface Late {
  readonly client: Client
  readonly response: ServerResponse
  readonly socket: Socket
}

async function late(t: TestContext, text: string, handle: RequestListener = () => undefined): Promise<Late> {
  const server = createServer()
  const requested = once(server, 'request') as Promise<[unknown, ServerResponse]>
  server.on('request', (request, response) => {
    beginRecord(response, 0)
    handle(request, response)
  })
  const client = (await (await listenFor(t, (socket) => server.emit('connection', socket)))()).send(text)
  const [, response] = await requested
  return { client, response, socket: response.req.socket }
}

function outcome(response: ServerResponse): readonly unknown[] {
  const requests = new RequestLogs(new RequestIds(), assert.fail)
  const { status, bytes, outcome: how } = new FinishedRequest(requests).show(response, 0)
  return [status, bytes, how]
}

const body = 'the request took too long\n'

test(
  'the client gets a 503 and the end of the connection; the app sees a client that has ' + 'left',
  async (t) => {
    const { client, response, socket } = await late(t, get('/'))
    const closed = once(response, 'close')
    assert.equal(giveUp(response, socket), true)
    assert.equal(
      await client.untilClose(),
      'HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Type: text/plain\r\n' +
        `Content-Length: 26\r\n\r\n${body}`,
    )
    await closed
    assert.ok(response.destroyed)
    assert.doesNotThrow(() => response.end('late'))
    assert.deepEqual(outcome(response), [503, 26, 'timeout'])
  },
)

test('HEAD gets no body', async (t) => {
  const { client, response, socket } = await late(t, 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(giveUp(response, socket), true)
  assert.match(await client.untilClose(), /Content-Length: 26\r\n\r\n$/)
  assert.deepEqual(outcome(response), [503, 0, 'timeout'])
})

test('a head that only waits for its body is replaced, one that was sent is not', async (t) => {
  const held = await late(t, get('/'), (_, response) => response.writeHead(200))
  assert.equal(giveUp(held.response, held.socket), true)
  assert.match(await held.client.untilClose(), /^HTTP\/1\.1 503 /)
  const sent = await late(t, get('/'), (_, response) => response.write('half'))
  await sent.client.receive('half')
  assert.equal(giveUp(sent.response, sent.socket), false)
  assert.match(await sent.client.untilClose(), /^HTTP\/1\.1 200 [^]*half\r\n$/)
  assert.equal(outcome(sent.response)[2], 'timeout')
})

test('a connection that the app has taken, or that cannot be written, is only closed', async (t) => {
  const taken = await late(t, get('/'))
  taken.response.detachSocket(taken.socket)
  assert.equal(giveUp(taken.response, taken.socket), false)
  assert.equal(await taken.client.untilClose(), '')
  assert.ok(taken.response.destroyed)
  const ended = await late(t, get('/'))
  ended.socket.end()
  assert.equal(giveUp(ended.response, ended.socket), false)
  assert.equal(await ended.client.untilClose(), '')
})

test('a client that still sends a body can read the 503 first, for two seconds', async (t) => {
  const { client, response, socket } = await late(
    t,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf',
  )
  t.mock.timers.enable({ apis: ['setInterval'] })
  assert.equal(giveUp(response, socket), true)
  client.socket.allowHalfOpen = true
  assert.match(await client.receive(body), /^HTTP\/1\.1 503 /)
  t.mock.timers.tick(1999)
  assert.equal(socket.destroyed, false)
  t.mock.timers.tick(1)
  assert.equal(socket.destroyed, true)
})

test('a response that has closed already is left alone', async (t) => {
  const { response } = await late(t, get('/'))
  response.destroy()
  assert.doesNotThrow(() => leave(response))
})
