import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRefusedProxies } from '../../../../src/worker/boot/refused-proxies.ts'

test('the first one has a record, then there is a count each minute', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const messages: string[] = []
  const log = { warn: (_: object, message: string) => messages.push(message) }
  // the only method that it calls
  const report = logRefusedProxies({ log: () => log as never })
  const refused = { status: 400, reason: 'it has no PROXY protocol header' } as const
  for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) report(refused, address)
  t.mock.timers.tick(60_000)
  report(refused, '')
  t.mock.timers.tick(60_000)
  assert.deepEqual(messages, [
    'a connection from 10.0.0.1 was closed: it has no PROXY protocol header',
    '2 more connections without a valid PROXY protocol header were closed',
    'a connection from a unix socket was closed: it has no PROXY protocol header',
  ])
})
