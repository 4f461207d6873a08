import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRefusedProxies } from '../../../../src/worker/boot/refused-proxies.ts'

test('at most one record a minute, with the number of those between', () => {
  const messages: string[] = []
  let now = 0
  const log = { warn: (_: object, message: string) => messages.push(message) }
  // the only method that it calls
  const report = logRefusedProxies({ log: () => log as never }, () => now)
  const refused = { status: 400, reason: 'it has no PROXY protocol header' } as const
  report(refused, '10.0.0.1')
  report(refused, '10.0.0.2')
  now = 59_999
  report(refused, '10.0.0.3')
  now = 60_000
  report(refused, '')
  assert.deepEqual(messages, [
    'a connection from 10.0.0.1 was closed: it has no PROXY protocol header',
    'a connection from a unix socket was closed: it has no PROXY protocol header (2 more since the last message)',
  ])
})
