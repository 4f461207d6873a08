// The connections of one client: what a worker counts, reports and refuses.

import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test, type TestContext } from 'node:test'
import { ClientLimit } from '../../../../src/serving/accept/client-limit.ts'

class Client extends EventEmitter {
  readonly remoteAddress: string | undefined

  constructor(address: string | undefined) {
    super()
    this.remoteAddress = address
  }
}

interface Setup {
  readonly limit: ClientLimit
  readonly events: unknown[]
  readonly connect: (address: string | undefined) => Client | undefined
}

function setup(t: TestContext): Setup {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const events: unknown[] = []
  const limit = new ClientLimit({
    limit: 2,
    isProxy: (address) => address === '10.0.0.9',
    report: (changes) => void events.push(changes),
    onRefused: (address) => void events.push(`refused ${address}`),
  })
  const connect = (address: string | undefined): Client | undefined => {
    const client = new Client(address)
    return limit.admits(client) ? client : undefined
  }
  return { limit, events, connect }
}

test('a client has at most that many connections with this worker, and again when one closes', (t) => {
  const { events, connect } = setup(t)
  const first = connect('10.0.0.1')
  assert.ok(first && connect('::ffff:10.0.0.1') && connect('10.0.0.2'))
  assert.equal(connect('10.0.0.1'), undefined)
  first.emit('close')
  assert.ok(connect('10.0.0.1'))
  assert.deepEqual(events, ['refused 10.0.0.1'])
})

test('proxies and unix sockets have no limit', (t) => {
  const { events, connect } = setup(t)
  for (const address of ['10.0.0.9', undefined])
    for (let count = 0; count < 5; count += 1) assert.ok(connect(address))
  t.mock.timers.tick(1000)
  assert.deepEqual(events, [])
})

test('changes are reported together, and those that cancel each other are not', (t) => {
  const { events, connect } = setup(t)
  connect('10.0.0.1')
  connect('10.0.0.1')
  connect('10.0.0.2')?.emit('close')
  t.mock.timers.tick(10)
  assert.deepEqual(events, [[['10.0.0.1', 2]]])
})

test('a client that is crowded with the other workers is refused here too', (t) => {
  const { limit, connect } = setup(t)
  limit.crowded(['10.0.0.1'], true)
  assert.equal(connect('10.0.0.1'), undefined)
  limit.crowded(['10.0.0.1'], false)
  assert.ok(connect('10.0.0.1'))
})
