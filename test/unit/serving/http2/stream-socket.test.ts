// What an app writes to the socket of a stream is HTTP/1, and what the client gets is HTTP/2.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { presentRequest, presentResponse } from '../../../../src/serving/http2/present.ts'
import { SecureStreamSocket } from '../../../../src/serving/http2/secure-stream-socket.ts'
import { openStream, received } from './h2-pair.ts'

test('a head in pieces, with its body behind it, becomes headers and data', async (t) => {
  const { client, socket } = await openStream(t)
  const text = 'HTTP/1.1 201 Created\r\nX-A: 1\r\nConnection: close\r\n\r\nabc'
  for (const byte of text) socket.write(byte)
  socket.write(Buffer.from('def'))
  socket.end('ghi')
  const { headers, body, code } = await received(client)
  assert.deepEqual([headers[':status'], headers['x-a'], headers['connection']], [201, '1', undefined])
  assert.deepEqual([body, code], ['abcdefghi', 0])
  assert.equal(socket.bytesWritten, text.length + 6)
})

test('interim heads come before the last one, also in one write', async (t) => {
  const { client, socket } = await openStream(t)
  socket.end(
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No\r\n\r\n',
  )
  const { headers, interim } = await received(client)
  assert.deepEqual([interim, headers[':status']], [[100, 103], 204])
})

test('strings are written in their encoding', async (t) => {
  const { client, socket } = await openStream(t)
  socket.write('HTTP/1.1 200 OK\r\n\r\n\xe9', 'latin1')
  socket.cork()
  socket.write('e9', 'hex')
  socket.write('6Q==', 'base64')
  socket.uncork()
  socket.end()
  assert.equal((await received(client)).body, '\xe9\xe9\xe9')
})

test('a socket that is destroyed resets the stream', async (t) => {
  const { client, socket } = await openStream(t)
  socket.on('error', () => undefined)
  socket.write('HTTP/1.1 200 OK\r\n\r\nhalf')
  client.once('data', () => socket.destroy())
  const { body, code } = await received(client)
  assert.deepEqual([body, code], ['half', constants.NGHTTP2_INTERNAL_ERROR])
})

for (const [what, text] of [
  ['nothing', ''],
  ['a part of a head', 'HTTP/1.1 200 OK\r\nX-'],
  ['what is no response', 'abc\r\n\r\n'],
] as const)
  test(`a socket that ends after ${what} resets the stream`, async (t) => {
    const { client, socket } = await openStream(t)
    socket.on('error', () => undefined)
    if (text !== '') socket.write(text)
    socket.end()
    const { headers, code } = await received(client)
    assert.deepEqual([headers, code], [{}, constants.NGHTTP2_INTERNAL_ERROR])
    if (!socket.closed) await once(socket, 'close')
  })

test('a client that resets its stream closes the socket', async (t) => {
  const { client, socket } = await openStream(t)
  const closed = once(socket, 'close')
  client.close(constants.NGHTTP2_CANCEL)
  await closed
  assert.equal(socket.destroyed, true)
  socket.write('HTTP/1.1 200 OK\r\n\r\n', () => undefined)
})

test('a session that ends closes the sockets of its streams', async (t) => {
  const { stream, socket } = await openStream(t)
  socket.on('error', () => undefined)
  const closed = once(socket, 'close')
  stream.session?.destroy()
  await closed
})

test('a response before the end of an upload tells the client to stop', async (t) => {
  const { client, socket } = await openStream(t, { headers: { ':method': 'POST' }, hasBody: true })
  client.write('a part')
  socket.end('HTTP/1.1 401 Unauthorized\r\n\r\nno')
  const { headers, body, code } = await received(client)
  assert.deepEqual([headers[':status'], body, code], [401, 'no', constants.NGHTTP2_NO_ERROR])
})

test('addresses are those of the carrier, bytes those of the stream', async (t) => {
  const options = { headers: { ':method': 'POST' }, hasBody: true }
  const { client, stream, head, socket, carrier } = await openStream(t, options)
  presentRequest(stream, socket, head)
  assert.equal(socket.remoteAddress, '127.0.0.1')
  for (const name of ['remotePort', 'remoteFamily', 'localAddress', 'localPort'] as const)
    assert.equal(socket[name], carrier[name], name)
  assert.equal(Reflect.get(socket, 'encrypted'), false)
  assert.equal(socket.bytesRead, 0)
  client.end('body')
  await once(client, 'finish')
  socket.end('HTTP/1.1 200 OK\r\n\r\n')
  await received(client)
  assert.equal(socket.bytesRead, 4)
})

test('a tunnel carries bytes in both directions', async (t) => {
  const { client, socket } = await openStream(t, {
    headers: { ':method': 'CONNECT', ':protocol': 'websocket', ':scheme': 'http', ':authority': 'a' },
    isTunnel: true,
  })
  socket.write('HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nX-A: 1\r\n\r\nfirst')
  const [head] = (await once(client, 'response')) as [Record<string, unknown>]
  assert.deepEqual([head[':status'], head['sec-websocket-accept'], head['x-a']], [200, undefined, '1'])
  const size = 1_000_000
  client.end(Buffer.alloc(size, 'a'))
  let count = 0
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) count += (chunk as Buffer).length
  assert.equal(count, size)
  socket.end('last')
  assert.equal((await received(client)).body, 'firstlast')
})

test('a client that does not read holds up the writer, one that goes on lets it go on', async (t) => {
  const { client, socket } = await openStream(t, { window: 1000 })
  client.pause()
  socket.write(`HTTP/1.1 200 OK\r\n\r\n`)
  const body = Buffer.alloc(3_000_000, 'a')
  let isTaken = false
  assert.equal(
    socket.write(body, () => (isTaken = true)),
    false,
  )
  await once(client, 'response')
  assert.equal(isTaken, false)
  assert.ok(socket.writableLength > 0)
  socket.end()
  const got = received(client)
  client.resume()
  assert.equal((await got).body.length, body.length)
  assert.equal(isTaken, true)
})

test('an error of a socket that nothing listens to is no uncaught one', async (t) => {
  const { client, socket } = await openStream(t)
  socket.destroy(new Error('of the app'))
  assert.equal((await received(client)).code, constants.NGHTTP2_INTERNAL_ERROR)
})

test('a socket times out when nothing has moved, and resets the stream', async (t) => {
  const { client, socket } = await openStream(t)
  socket.setTimeout(20)
  assert.equal((await received(client)).code, constants.NGHTTP2_INTERNAL_ERROR)
})

test('a listener of the response decides about a timeout', async (t) => {
  const { client, stream, head, socket } = await openStream(t)
  const response = presentResponse(presentRequest(stream, socket, head), socket)
  response.setTimeout(20, () => response.end('late'))
  const { body, code } = await received(client)
  assert.deepEqual([body, code], ['late', constants.NGHTTP2_NO_ERROR])
})

test('a response with trailers has them behind its body', async (t) => {
  const { client, stream, head, socket } = await openStream(t)
  const response = presentResponse(presentRequest(stream, socket, head), socket)
  const trailers = once(client, 'trailers')
  response.writeHead(200, { trailer: 'x-t' })
  response.write('ab')
  response.addTrailers({ 'x-t': '1' })
  response.end('c')
  assert.equal((await received(client)).body, 'abc')
  assert.equal((await trailers)[0]['x-t'], '1')
})

test('a body that an app has chunked itself is not chunked twice', async (t) => {
  const { client, socket } = await openStream(t)
  socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\na')
  socket.end('b\r\n0\r\n\r\n')
  const { headers, body } = await received(client)
  assert.deepEqual([headers['transfer-encoding'], body], [undefined, 'ab'])
})

test('a body that is not chunked as its head says resets the stream', async (t) => {
  const { client, socket } = await openStream(t)
  socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabc')
  assert.equal((await received(client)).code, constants.NGHTTP2_INTERNAL_ERROR)
})

test('a stream on a connection with TLS has its methods', async (t) => {
  const { stream } = await openStream(t)
  const carrier = Object.assign(new Socket(), {
    authorized: true,
    getPeerCertificate: (isDetailed: boolean) => ({ subject: { CN: 'a' }, isDetailed }),
  })
  const socket = new SecureStreamSocket({ stream, carrier })
  assert.equal(Reflect.get(socket, 'authorized'), true)
  const read: unknown = Reflect.get(socket, 'getPeerCertificate')
  assert.ok(typeof read === 'function')
  assert.deepEqual(Reflect.apply(read, socket, [true]), { subject: { CN: 'a' }, isDetailed: true })
})
