// Runs in a test of the user: the time limits of a request and of a worker, which each class keeps.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from './client.ts'
import type { ContractServer } from './server.ts'

export function testLimits(server: () => ContractServer): void {
  test('ends a request after request_timeout', async () => {
    assert.equal((await ask(server().url, '/never')).status, 503)
    assert.equal((await ask(server().url)).status, 200)
  })

  test('ends a stuck worker after timeout, with its stack, and the next one serves', async () => {
    const blocked = assert.rejects(ask(server().url, '/block'), /hang up|ECONNRESET/)
    await server().says(/blocks/)
    await blocked
    await server().says(/at .*routes\.js:\d+/)
    assert.equal((await ask(server().url)).status, 200)
  })
}
