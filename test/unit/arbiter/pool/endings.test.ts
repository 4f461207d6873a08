// The ways in which the arbiter ends a worker, each with its order and its deadline.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterMessage } from '../../../../src/ipc/messages.ts'
import { formatAddress } from '../../../../src/listen/address.ts'
import { BindError } from '../../../../src/listen/bind-error.ts'
import { SlotSockets } from '../../../../src/listen/slot-sockets.ts'
import { load, ServerWorld, two } from '../world/server-world.ts'
import { generationOf, socketOf } from '../world/generations.ts'
import type { FakeProcess } from '../world/fake-system.ts'

const short = { workers: 1, timeout: 2, graceful_timeout: 3 } as const

function orderOf({ sent }: FakeProcess): ArbiterMessage {
  const order = sent.at(-1)
  assert.ok(order, 'no order was sent')
  return order
}

test('a worker whose event loop is silent is aborted, replaced at once, and killed a second later', async () => {
  const world = await ServerWorld.serving({ settings: short })
  const stuck = world.slot(0)
  await world.pass(1750, { beats: false })
  assert.equal(world.of('worker_aborted').length, 0)
  await world.pass(250, { beats: false })
  const [stalled] = world.of('worker_aborted')
  assert.deepEqual([stalled?.worker.age, stalled?.silent], [1, 2000])
  assert.deepEqual(orderOf(stuck), { type: 'abort' })
  assert.equal(world.slot(0).age, 2)
  await world.pass(750, { beats: false })
  assert.equal(stuck.isKilled, false)
  await world.pass(250, { beats: false })
  assert.equal(stuck.isKilled, true)
  await world.dies(stuck, { signal: 'SIGKILL' })
  const ended = world.of('worker_ended').find(({ worker }) => worker.age === 1)
  assert.deepEqual([ended?.verdict.reason, ended?.verdict.endedBy], ['timeout', 'tsgun'])
})

test('with a watchdog thread the kill waits for its report', async () => {
  const world = await ServerWorld.serving({ settings: { ...short, watchdog: true } })
  const stuck = world.slot(0)
  await world.pass(2000, { beats: false })
  await world.pass(3750, { beats: false })
  assert.equal(stuck.isKilled, false)
  await world.pass(250, { beats: false })
  assert.equal(stuck.isKilled, true)
})

test('a retired worker has graceful_timeout of its own generation, and two seconds for its exit', async () => {
  const world = await ServerWorld.serving({ settings: short })
  await world.reload(generationOf(2, { settings: { ...short, graceful_timeout: 60 } }))
  const old = world.system.living[0]
  assert.ok(old)
  await world.boot()
  assert.deepEqual(orderOf(old), {
    type: 'retire',
    within: 3000,
    last: false,
    reason: 'reload',
    hurry: false,
  })
  assert.deepEqual(
    world.of('worker_retired').map(({ worker }) => [worker.age, worker.reason]),
    [[1, 'reload']],
  )
  await world.pass(4750)
  assert.equal(old.isKilled, false)
  await world.pass(250)
  assert.equal(old.isKilled, true)
})

test('a worker that is not ready has nothing to finish: it quits within two seconds', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1 } })
  await world.signal('SIGTTIN')
  const booting = world.slot(1)
  await world.signal('SIGTTOU')
  assert.deepEqual(orderOf(booting), { type: 'quit', reason: 'scale' })
  await world.pass(1750)
  assert.equal(booting.isKilled, false)
  await world.pass(250)
  assert.equal(booting.isKilled, true)
})

test('a graceful stop leaves a worker that drains already its own time', async () => {
  const world = await ServerWorld.serving({ settings: short })
  const [draining] = world.system.living
  assert.ok(draining)
  await world.reload(generationOf(2, { settings: short }))
  await world.boot()
  await world.signal('SIGTERM')
  assert.deepEqual(draining.orders, ['retire'])
  assert.deepEqual(world.slot(0).orders, ['retire'])
  await world.signal('SIGINT')
  assert.deepEqual(draining.orders, ['retire', 'quit'])
})

test('a changed file leaves requests in flight a second', async () => {
  const world = await ServerWorld.serving({ settings: { ...short, reload: true } })
  world.queue.put({ type: 'files_changing' })
  await world.settle()
  const order = orderOf(world.slot(0))
  assert.deepEqual(order, { type: 'retire', within: 1000, last: false, reason: 'change', hurry: true })
})

test('a quick stop shortens the time of a worker that drains, and never lengthens it', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1, graceful_timeout: 30 } })
  const draining = world.slot(0)
  await world.signal('SIGTERM')
  await world.signal('SIGINT')
  await world.pass(2000)
  assert.equal(draining.isKilled, true)
  const other = await ServerWorld.serving({ settings: { workers: 1, graceful_timeout: 0 } })
  await other.signal('SIGTERM')
  await other.pass(1500)
  await other.signal('SIGINT')
  await other.pass(500)
  assert.equal(other.slot(0).isKilled, true)
})

test('a worker that closed its channel has graceful_timeout to exit, and is not accepting', async () => {
  const world = await ServerWorld.serving({ settings: short })
  const lost = world.slot(0)
  lost.handlers.onChannelClosed()
  lost.handlers.onChannelClosed()
  await world.settle()
  assert.equal(world.of('worker_disconnected').length, 1)
  assert.equal(world.of('worker_disconnected')[0]?.worker.accepting, false)
  await world.pass(4750)
  assert.equal(lost.isKilled, false)
  await world.pass(250)
  assert.equal(lost.isKilled, true)
})

test('the last worker of a socket that a reload leaves takes what waits there, and the socket is held', async () => {
  const [stays, leaves] = [socketOf('unix:/stays'), socketOf('unix:/leaves')]
  const world = await ServerWorld.serving({ settings: two, listeners: [stays, leaves] })
  const [first, second] = world.system.living
  assert.ok(first && second)
  await world.reload(generationOf(2, { settings: two, listeners: [stays] }))
  await world.boot()
  assert.deepEqual(first.sent.at(-1), {
    type: 'retire',
    within: 30_000,
    last: false,
    reason: 'reload',
    hurry: false,
  })
  assert.deepEqual(world.sockets, ['hold '].slice(1))
  await world.boot()
  const order = orderOf(second)
  assert.deepEqual(order.type === 'retire' && order.last, [1])
  assert.deepEqual(world.sockets, ['hold unix:/leaves'])
})

/** The sockets of slots, as ListenSockets makes them; `sockets` records what is done to them. */
function slotsOf(sockets: string[]): SlotSockets {
  return new SlotSockets([{ kind: 'unix', path: '/app.{nr}' }], {
    open(addresses, taken) {
      taken(addresses.map((address) => socketOf(formatAddress(address))))
      return Promise.resolve()
    },
    close: (listeners) => void sockets.push(...listeners.map(({ url }) => `close ${url}`)),
  })
}

function lastOf(process: FakeProcess): unknown {
  const order = orderOf(process)
  return order.type === 'retire' ? order.last : order
}

test('a worker whose slot is removed takes what waits at the socket of its slot, which is held and closed', async () => {
  const done: string[] = []
  const facts = { settings: two, listeners: [socketOf('unix:/all')], slots: slotsOf(done) }
  const world = await ServerWorld.serving(facts)
  const [first, second] = [world.slot(0), world.slot(1)]
  assert.deepEqual(
    second.start.listeners.map(({ url }) => url),
    ['unix:/all', 'unix:/app.1'],
  )
  await world.signal('SIGTTOU')
  assert.deepEqual([lastOf(second), world.sockets, done], [[1], ['hold unix:/app.1'], ['close unix:/app.1']])
  await world.signal('SIGTTIN')
  await world.boot()
  assert.deepEqual(world.slot(1).start.listeners.at(-1)?.url, 'unix:/app.1')
  await world.signal('SIGTERM')
  assert.deepEqual([lastOf(first), done.length], [true, 1])
})

test('without any worker (WINCH) connections wait in the sockets of the slots', async () => {
  const done: string[] = []
  const world = await ServerWorld.serving({ settings: two, slots: slotsOf(done) })
  const before = world.system.living
  await world.order({ type: 'scale', to: 0 })
  assert.deepEqual([...before.map(lastOf), ...world.sockets, ...done], [false, false])
})

test('a replacement takes over the socket of its slot', async () => {
  const done: string[] = []
  const facts = { settings: two, slots: slotsOf(done) }
  const world = await ServerWorld.serving(facts)
  const before = world.system.living
  await world.reload(generationOf(2, facts))
  await world.boot()
  await world.boot()
  assert.deepEqual([...before.map(lastOf), ...done], [false, false])
})

test('at a stop during an upgrade only the slots that were added since take what waits there', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1 }, slots: slotsOf([]) })
  await world.signal('SIGTTIN')
  await world.boot()
  const [first, second] = [world.slot(0), world.slot(1)]
  world.areShared = true
  await world.signal('SIGTERM')
  assert.deepEqual([lastOf(first), lastOf(second)], [false, [0]])
})

test('a worker whose sockets cannot be opened has not started, and its slot is tried again', async () => {
  const refused = new BindError('cannot listen on unix:/app.1')
  const slots = new SlotSockets([{ kind: 'unix', path: '/app.{nr}' }], {
    open: (addresses) =>
      JSON.stringify(addresses).includes('app.1') ? Promise.reject(refused) : Promise.resolve(),
    close: () => undefined,
  })
  const world = await ServerWorld.serving({ settings: { workers: 1 }, slots })
  await world.signal('SIGTTIN')
  const [ended] = world.of('worker_ended')
  assert.match(ended?.verdict.broken?.reason ?? '', /cannot listen on unix:\/app\.1/)
  assert.ok((ended?.retryIn ?? 0) > 0)
})

test('an order for a worker that is not known has no effect', async () => {
  const world = await ServerWorld.serving()
  const worker = world.slot(0)
  await world.dies(worker, { code: 1 })
  const before = world.events.length
  worker.handlers.onChannelClosed()
  worker.says({ type: 'spent' })
  worker.says({ type: 'beat', ...load })
  await world.settle()
  assert.equal(world.events.length, before)
})
