// What a client gets that sends something other than a request.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Socket } from 'node:net'
import { Connections } from '../../../../src/serving/connections/table.ts'
import type { WriteAccess } from '../../../../src/serving/requests/access.ts'
import { respondInvalid } from '../../../../src/serving/requests/invalid-request.ts'
import { beginRecord, FinishedRequest } from '../../../../src/serving/requests/response.ts'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { connect, FakeSocket, fakeResponse } from '../fakes.ts'

const errorOf = (code?: string): Error =>
  Object.assign(new Error('invalid'), code === undefined ? {} : { code })

/** The statuses of the access lines. */
function access(lines: number[]): WriteAccess {
  const invalid = (_: Socket, status: number): void => void lines.push(status)
  return {
    begin: assert.fail,
    finish: assert.fail,
    upgraded: assert.fail,
    refused: () => assert.fail(),
    stream: () => assert.fail(),
    invalid,
  }
}

test('the status says what is wrong, and the connection is closed', () => {
  for (const [code, status, reason] of [
    ['HPE_HEADER_OVERFLOW', 431, 'Request Header Fields Too Large'],
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'Payload Too Large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'Request Timeout'],
    ['HPE_INVALID_METHOD', 400, 'Bad Request'],
    [undefined, 400, 'Bad Request'],
  ] as const) {
    const fake = new FakeSocket()
    const lines: number[] = []
    respondInvalid({ error: errorOf(code), socket: fake.socket, connection: undefined }, access(lines))
    assert.deepEqual(fake.log, [
      `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      'destroy',
    ])
    assert.deepEqual(lines, [status])
  }
})

test('without an access log the client gets the same', () => {
  const fake = new FakeSocket()
  respondInvalid({ error: errorOf(), socket: fake.socket, connection: undefined }, undefined)
  assert.match(fake.log[0] ?? '', /^HTTP\/1\.1 400 /)
})

test('a reset by the client, and a socket that cannot be written, get neither a response nor a line', () => {
  const lines: number[] = []
  for (const code of ['ECONNRESET', 'EPIPE']) {
    const fake = new FakeSocket()
    respondInvalid({ error: errorOf(code), socket: fake.socket, connection: undefined }, access(lines))
    assert.deepEqual(fake.log, ['destroy'])
  }
  const ended = new FakeSocket()
  ended.writable = false
  respondInvalid({ error: errorOf(), socket: ended.socket, connection: undefined }, access(lines))
  assert.deepEqual([ended.log, lines], [['destroy'], []])
})

test('a response that has begun is not mixed with a second one', () => {
  for (const [headersSent, count] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const connections = new Connections()
    const fake = connect(connections)
    const connection = connections.of(fake.socket)
    connections.begin(fakeResponse(fake, '/', { headersSent }).response, 0)
    respondInvalid({ error: errorOf(), socket: fake.socket, connection }, access([]))
    assert.equal(fake.log.length, count)
  }
})

test('between two requests the connection gets a response', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const connection = connections.of(fake.socket)
  const { response } = fakeResponse(fake, '/', { headersSent: true })
  connections.begin(response, 0)
  connections.finish(response, 1)
  respondInvalid({ error: errorOf(), socket: fake.socket, connection }, access([]))
  assert.equal(fake.log.length, 2)
})

test('an invalid body is the status in the line of its own request', () => {
  const connections = new Connections()
  const fake = connect(connections)
  const connection = connections.of(fake.socket)
  const { response } = fakeResponse(fake)
  Object.assign(response.req, { complete: false })
  beginRecord(response, 0)
  connections.begin(response, 0)
  const lines: number[] = []
  respondInvalid({ error: errorOf(), socket: fake.socket, connection }, access(lines))
  assert.deepEqual([fake.log.length, lines], [2, []])
  const requests = new RequestLogs(new RequestIds(), assert.fail)
  const { status, bytes } = new FinishedRequest(requests).show(response, 1)
  assert.deepEqual([status, bytes], [400, 0])
})
