// The id of a request: which ids of clients are accepted, that generated ids are unique, and that a request
// keeps its id.

import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { createLogger } from '../../../../src/logging/records/logger.ts'
import { isRequestId, RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { hostileStrings, randomStrings } from '../access/sample.ts'

const sent = (...values: string[]): { rawHeaders: string[] } => ({
  rawHeaders: ['Host', 'x', ...values.flatMap((value) => ['X-Request-ID', value])],
})

for (const id of [
  'a',
  '0',
  'req-1',
  '5e1f0c1e-8b5e-4b61-9a3c-6a9c8d3f2b10',
  'Root=1-67891233-abcdef012345678912345678',
  'a'.repeat(128),
])
  test(`a client's id ${id.slice(0, 40)} (${id.length} characters) is accepted`, () => {
    assert.equal(new RequestIds().of(sent(id)), id)
  })

for (const id of [
  '',
  ' ',
  'a b',
  'a"b',
  'a\\b',
  'a,b',
  'a;b',
  '<a>',
  'ü',
  'a\n',
  'a\u0000',
  "a'b",
  '%41',
  'a'.repeat(129),
])
  test(`a client's id ${JSON.stringify(id.slice(0, 40))} (${id.length} characters) is not accepted`, () => {
    assert.match(new RequestIds().of(sent(id)), /^[0-9a-f]{16}-\d{4}$/)
  })

test('two ids in one request are not accepted', () => {
  assert.notEqual(new RequestIds().of(sent('a', 'b')), 'a')
})

test('generated ids are unique, and another server accepts them', () => {
  const made = new Set<string>()
  for (let worker = 0; worker < 20; worker += 1) {
    const ids = new RequestIds()
    for (let request = 0; request < 2500; request += 1) made.add(ids.of(sent()))
  }
  assert.equal(made.size, 50_000)
  for (const id of made) assert.ok(isRequestId(id), id)
})

test('a request keeps its id at each access and when its headers change', () => {
  const ids = new RequestIds()
  const request = sent()
  const id = ids.of(request)
  request.rawHeaders.push('X-Request-Id', 'late')
  ids.of(sent())
  assert.equal(ids.of(request), id)
})

const anything = [...hostileStrings, ...randomStrings(500)].filter((text) => text !== '')

test('an id assigned by the app is encoded in an access line', () => {
  const ids = new RequestIds()
  const requests = new RequestLogs(ids, () => assert.fail('nothing is logged'))
  for (const id of anything) assert.match(requests.plainIdOf({ ...sent(), id }), /^[\w.~!*'()%:/+=@-]+$/)
  assert.equal(requests.plainIdOf({ ...sent(), id: 'a/b c' }), 'a%2Fb%20c')
  assert.equal(requests.plainIdOf({ ...sent(), id: 'Root=1:2' }), 'Root=1:2')
  for (const id of ['', 5, null, {}]) assert.match(requests.plainIdOf({ ...sent('own'), id }), /^own$/)
})

/** A separate prototype, so that the accessors do not affect other tests. */
class Incoming extends IncomingMessage {}

function incoming(method: string | undefined, lines: string[] = []): Incoming {
  const ids = new RequestIds()
  const write = (line: string): void => void lines.push(line)
  const log = createLogger({ level: 'info', format: 'json', color: false, base: { pid: 1 }, write })
  new RequestLogs(ids, () => log).defineOn(Incoming.prototype)
  const request = new Incoming(new Socket())
  Object.assign(request, method === undefined ? {} : { method })
  request.rawHeaders = ['x-request-id', 'client-1']
  return request
}

const idsOf = (lines: readonly string[]): unknown[] =>
  lines.map((line) => (JSON.parse(line) as { request_id?: unknown }).request_id)

test('req.id and req.log exist for an incoming request, and a copy of it does not read them', () => {
  const lines: string[] = []
  const request = incoming('GET', lines)
  assert.equal(request.id, 'client-1')
  request.log.child({ module: 'db' }).info('first')
  assert.equal(request.log, request.log)
  assert.deepEqual(idsOf(lines), ['client-1'])
  assert.deepEqual(
    Object.keys(request).filter((key) => key === 'id' || key === 'log'),
    [],
  )
})

test('the response to a request sent by the app has neither', () => {
  const response = incoming(undefined)
  assert.deepEqual([response.id, response.log], [undefined, undefined])
})

test('an app can assign both, and the logger uses its id', () => {
  const lines: string[] = []
  const request = incoming('GET', lines)
  request.log.info('before')
  request.id = 'mine'
  request.log.info('after')
  assert.deepEqual(idsOf(lines), ['client-1', 'mine'])
  const other = request.log.child({})
  request.log = other
  assert.equal(request.log, other)
  Reflect.set(request, 'id', undefined)
  assert.equal(request.id, undefined)
})
