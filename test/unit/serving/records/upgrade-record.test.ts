// The access record of an upgraded request.

import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { AccessEntry } from '../../../../src/logging/access/entry.ts'
import { recordUpgrade } from '../../../../src/serving/records/upgrade-record.ts'
import { FakeSocket } from '../fakes.ts'

const request = {
  method: 'GET',
  url: '/chat',
  httpVersion: '1.1',
  rawHeaders: ['Host', 'a', 'Origin', 'b'],
} as IncomingMessage

function record(fake: FakeSocket): AccessEntry[] {
  const entries: AccessEntry[] = []
  recordUpgrade(request, fake.socket, { idOf: () => 'id', write: (entry) => entries.push(entry) })
  return entries
}

test('the line comes once, at the end of the connection, with the status that the app has written', () => {
  const fake = new FakeSocket()
  fake.write('12345')
  const entries = record(fake)
  fake.write('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  fake.write('HTTP/1.1 404 of the data\r\n\r\n')
  fake.remoteAddress = undefined
  assert.equal(entries.length, 0)
  const before = Date.now()
  fake.close()
  fake.emit('close')
  const [entry, ...more] = entries
  assert.ok(entry && more.length === 0)
  const { remoteAddress, method, url, httpVersion, status, bytes, outcome } = entry
  assert.deepEqual([remoteAddress, method, url, httpVersion], ['10.0.0.1', 'GET', '/chat', '1.1'])
  assert.deepEqual([status, bytes, outcome], [101, 64, 'complete'])
  assert.ok(entry.duration >= 0 && entry.duration < 10_000, String(entry.duration))
  assert.ok(entry.time >= before && entry.time <= Date.now())
  assert.deepEqual(
    [entry.requestHeader('origin'), entry.requestId(), entry.responseHeader('a')],
    ['b', 'id', undefined],
  )
})

test('a connection that ends without the head of a response is aborted', () => {
  for (const text of [undefined, 'something else', 'xHTTP/1.1 101 ']) {
    const fake = new FakeSocket()
    const entries = record(fake)
    if (text !== undefined) fake.write(text)
    fake.close()
    assert.deepEqual([entries[0]?.status, entries[0]?.outcome], [0, 'aborted'])
  }
})

test('a request without method and target is recorded with empty ones', () => {
  const fake = new FakeSocket()
  const entries: AccessEntry[] = []
  const bare = { httpVersion: '1.1', rawHeaders: [] } as unknown as IncomingMessage
  recordUpgrade(bare, fake.socket, { idOf: () => 'id', write: (entry) => entries.push(entry) })
  fake.close()
  assert.deepEqual([entries[0]?.method, entries[0]?.url], ['', ''])
})
