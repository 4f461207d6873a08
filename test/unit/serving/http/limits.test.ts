// The limits of a server: the settings hold where the app has set nothing.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'
import { applyLimits, checkInterval } from '../../../../src/serving/http/limits.ts'
import { noClientLimits } from '../fakes.ts'

const clientLimits = { ...noClientLimits, headTime: 2000, line: 20_000, fieldSize: 5000 }
const option = (server: object, name: string): unknown => Reflect.get(server, name)

test('a server gets the limits of the settings, and none for a whole upload', () => {
  const server = createServer()
  applyLimits(server, { keepAlive: 5000, clientLimits })
  assert.deepEqual([server.requestTimeout, server.headersTimeout], [0, 2000])
  assert.equal(option(server, 'maxHeaderSize'), 25_000)
  assert.equal(option(server, 'connectionsCheckingInterval'), 200)
})

test('the limit of the whole head is never less than that of Node', () => {
  const server = createServer()
  applyLimits(server, { keepAlive: 5000, clientLimits: noClientLimits })
  assert.equal(option(server, 'maxHeaderSize'), 16_384)
})

test('what the app has set on its server stays', () => {
  const own = createServer({
    requestTimeout: 7000,
    headersTimeout: 1000,
    maxHeaderSize: 8000,
    connectionsCheckingInterval: 777,
  })
  own.maxHeadersCount = 5
  applyLimits(own, { keepAlive: 5000, clientLimits })
  assert.deepEqual([own.requestTimeout, own.headersTimeout, own.maxHeadersCount], [7000, 1000, 5])
  assert.equal(option(own, 'maxHeaderSize'), 8000)
  assert.equal(option(own, 'connectionsCheckingInterval'), 777)
})

test('slow clients are looked for in a tenth of the limit, not more often than is useful', () => {
  assert.deepEqual([0, 1000, 20_000, 600_000].map(checkInterval), [50, 100, 2000, 5000])
})
