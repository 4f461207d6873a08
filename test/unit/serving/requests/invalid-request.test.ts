// What a client gets that sends something other than a request.

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { Socket } from 'node:net'
import { Connections } from '../../../../src/serving/connections/table.ts'
import type { WriteAccess } from '../../../../src/serving/records/access.ts'
import { respondInvalid } from '../../../../src/serving/requests/invalid-request.ts'
import { beginRecord } from '../../../../src/serving/records/record.ts'
import { FinishedRequest } from '../../../../src/serving/records/response.ts'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { responseOf } from '../../../../src/serving/validity/refusal.ts'
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
    ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413, 'Content Too Large'],
    ['ERR_HTTP_REQUEST_TIMEOUT', 408, 'Request Timeout'],
    ['HPE_INVALID_METHOD', 400, 'Bad Request'],
    [undefined, 400, 'Bad Request'],
  ] as const) {
    const fake = new FakeSocket()
    fake.bytesRead = 1
    const lines: number[] = []
    respondInvalid(
      { error: errorOf(code), socket: fake.socket, connection: undefined },
      { writeAccess: access(lines) },
    )
    assert.deepEqual(fake.log, [
      `HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
        `Content-Length: ${reason.length + 5}\r\n\r\n${status} ${reason}\n`,
      'end',
    ])
    assert.deepEqual(lines, [status])
  }
})

test('without an access log the client gets the same', () => {
  const fake = new FakeSocket()
  respondInvalid({ error: errorOf(), socket: fake.socket, connection: undefined }, { writeAccess: undefined })
  assert.match(fake.log[0] ?? '', /^HTTP\/1\.1 400 /)
})

test('a reset by the client, and a socket that cannot be written, get neither a response nor a line', () => {
  const lines: number[] = []
  for (const code of ['ECONNRESET', 'EPIPE']) {
    const fake = new FakeSocket()
    respondInvalid(
      { error: errorOf(code), socket: fake.socket, connection: undefined },
      { writeAccess: access(lines) },
    )
    assert.deepEqual(fake.log, ['destroy'])
  }
  const ended = new FakeSocket()
  ended.writable = false
  respondInvalid(
    { error: errorOf(), socket: ended.socket, connection: undefined },
    { writeAccess: access(lines) },
  )
  assert.deepEqual([ended.log, lines], [['destroy'], []])
})

interface Pipelined {
  readonly fake: FakeSocket
  readonly connections: Connections
  readonly lines: number[]
  /** Something invalid arrives. */
  invalid(code?: string): void
  /** Ends a request, as the request listener does. */
  end(response: ServerResponse): void
}

function pipelined(...responses: readonly ServerResponse[]): Pipelined {
  const connections = new Connections()
  const fake = connect(connections)
  const lines: number[] = []
  for (const response of responses) {
    Object.assign(response.req, { socket: fake })
    connections.begin(response, 0)
  }
  return {
    fake,
    connections,
    lines,
    invalid: (code) =>
      respondInvalid(
        { error: errorOf(code), socket: fake.socket, connection: connections.of(fake.socket) },
        { writeAccess: access(lines) },
      ),
    end(response) {
      const stream = connections.finish(response, 1)
      if (stream?.isOver) stream.afterEach?.()
    },
  }
}

const request = (more: object = {}, requestMore: object = {}): ServerResponse => {
  const { response } = fakeResponse(new FakeSocket(), '/', more)
  Object.assign(response.req, requestMore)
  return response
}

const refusal = responseOf(400)

test('garbage behind requests is refused when these have their responses, and only once', () => {
  const [first, second] = [request({ headersSent: true }), request()]
  const { fake, lines, invalid, end } = pipelined(first, second)
  invalid()
  invalid()
  end(first)
  assert.deepEqual([fake.log, lines], [[], []])
  end(second)
  assert.deepEqual([fake.log, lines], [[refusal, 'end'], [400]])
})

test('a connection that the last response has ended gets nothing more', () => {
  const first = request()
  const { fake, lines, invalid, end } = pipelined(first)
  invalid()
  fake.writable = false
  end(first)
  assert.deepEqual([fake.log, lines], [[], []])
})

test('what comes behind `Connection: close` is ignored, and the request is answered', () => {
  const first = request()
  const { fake, lines, invalid, end } = pipelined(first)
  invalid('HPE_CLOSED_CONNECTION')
  invalid('HPE_CLOSED_CONNECTION')
  assert.deepEqual(fake.log, [])
  end(first)
  assert.deepEqual([fake.log, lines], [['end'], []])
})

test('an invalid body waits for its turn; with a head on the wire the connection is closed', () => {
  for (const [sent, log] of [
    [{}, [refusal, 'end']],
    [{ headersSent: true }, ['destroy']],
    [{ headersSent: true, _headerSent: false }, [refusal, 'end']],
  ] as const) {
    const [first, second] = [request({ headersSent: true }), request(sent, { complete: false })]
    const { fake, lines, invalid, end } = pipelined(first, second)
    invalid()
    assert.deepEqual(fake.log, [])
    end(first)
    assert.deepEqual([fake.log, lines], [log, []])
  }
})

test('a response that the app has ended before its body is complete is sent whole', () => {
  const early = request({ headersSent: true, writableEnded: true }, { complete: false })
  const { fake, lines, invalid, end } = pipelined(early)
  invalid()
  assert.deepEqual(fake.log, [])
  end(early)
  assert.deepEqual([fake.log, lines], [['end'], []])
})

test('an invalid body of a request that has its response already is no second request', () => {
  const early = request({}, { complete: false })
  const { fake, lines, invalid, end } = pipelined(early)
  end(early)
  invalid('HPE_INVALID_EOF_STATE')
  assert.deepEqual([fake.log, lines], [['end'], []])
})

test('an invalid body whose response the app has destroyed before its turn only ends the connection', () => {
  const [first, second] = [request(), request({}, { complete: false })]
  const { fake, lines, invalid, end } = pipelined(first, second)
  invalid()
  end(second)
  end(first)
  assert.deepEqual([fake.log, lines], [['end'], []])
})

test('a connection that has not sent a byte is closed without a response and a line', () => {
  const { fake, lines, invalid } = pipelined()
  invalid('ERR_HTTP_REQUEST_TIMEOUT')
  assert.deepEqual([fake.log, lines], [['destroy'], []])
})

test('between two requests the connection gets a response', () => {
  const first = request({ headersSent: true })
  const { fake, lines, invalid, end } = pipelined(first)
  end(first)
  invalid()
  assert.deepEqual([fake.log, lines], [[refusal, 'end'], [400]])
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
  respondInvalid({ error: errorOf(), socket: fake.socket, connection }, { writeAccess: access(lines) })
  assert.deepEqual([fake.log.length, lines], [3, []])
  const requests = new RequestLogs(new RequestIds(), assert.fail)
  const { status, bytes } = new FinishedRequest(requests).show(response, 1)
  assert.deepEqual([status, bytes], [400, '400 Bad Request\n'.length])
})
