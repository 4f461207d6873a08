// A lock for a time: when it is taken, renewed, given up, and until when the process may live.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Lease, type Attempt } from '../../../../src/services/lock/lease.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const time = 15_000
const never = new Promise<never>(() => undefined)

/** A store whose replies a test sets. */
class FakeStore {
  next: () => Promise<Attempt> = () => Promise.resolve({ fence: 7 })
  renewal: () => Promise<boolean> = () => Promise.resolve(true)
  renewals = 0
  released = 0
  readonly acquire = (): Promise<Attempt> => this.next()
  readonly renew = (): Promise<boolean> => {
    this.renewals += 1
    return this.renewal()
  }
  readonly release = (): Promise<void> => {
    this.released += 1
    return Promise.resolve()
  }
}

function leaseOf(): {
  readonly lease: Lease
  readonly store: FakeStore
  readonly clock: FakeClock
  readonly deadlines: number[]
  readonly lost: string[]
  readonly waits: string[]
} {
  const [store, clock] = [new FakeStore(), new FakeClock()]
  const deadlines: number[] = []
  const lost: string[] = []
  const waits: string[] = []
  const lease = new Lease({
    store,
    clock,
    time,
    onDeadline: (at) => void deadlines.push(at),
    onLost: ({ message }) => void lost.push(message),
    onWaiting: (reason) => void waits.push(reason),
  })
  return { lease, store, clock, deadlines, lost, waits }
}

const open = new AbortController().signal

test('it waits for the holder, which is reported once, and takes the lock with its number', async () => {
  const { lease, store, clock, waits, deadlines } = leaseOf()
  store.next = () => Promise.resolve({ holder: 'process 5 on a holds it' })
  const taken = lease.take(open)
  await clock.pass(5000)
  store.next = () => Promise.resolve({ holder: undefined })
  await clock.pass(1000)
  store.next = () => Promise.resolve({ fence: 9 })
  await clock.pass(500)
  assert.equal(await taken, 9)
  assert.equal(waits.length, 2)
  assert.match(waits.join(), /process 5 on a holds it,.*its store has just started/)
  const taking = clock.now()
  assert.ok((deadlines[0] ?? 0) > taking && (deadlines[0] ?? 0) < taking + time)
})

test('it is renewed at a third of its time, counted from before each request', async () => {
  const { lease, store, clock, deadlines, lost } = leaseOf()
  await lease.take(open)
  assert.deepEqual(deadlines, [time * 0.9])
  await clock.pass(4999)
  assert.equal(store.renewals, 0)
  store.renewal = () => new Promise((resolve) => void clock.after(2000, () => resolve(true)))
  await clock.pass(1)
  assert.equal(store.renewals, 1)
  await clock.pass(2000)
  assert.deepEqual(deadlines, [time * 0.9, 5000 + time * 0.9], 'not from its reply')
  store.renewal = () => Promise.resolve(true)
  await clock.pass(100_000)
  assert.deepEqual(lost, [])
})

test('a store that does not reply, or fails, costs the lock at two thirds; the process has to end before its time', async () => {
  for (const renewal of [() => never, () => Promise.reject(new Error('connect ECONNREFUSED'))]) {
    const { lease, store, clock, deadlines, lost } = leaseOf()
    await lease.take(open)
    store.renewal = renewal
    await clock.pass(9999)
    assert.deepEqual(lost, [])
    await clock.pass(1)
    assert.match(lost.join(), /^the lock is lost: it could not be renewed in time/)
    assert.deepEqual(deadlines, [time * 0.9], 'the end stays where it was')
    await clock.pass(60_000)
    assert.equal(lost.length, 1)
    await lease.release()
    assert.deepEqual(deadlines, [time * 0.9, Infinity])
  }
})

test('one failed renewal is repeated in time', async () => {
  const { lease, store, clock, lost } = leaseOf()
  await lease.take(open)
  let count = 0
  store.renewal = () => ((count += 1) === 1 ? Promise.reject(new Error('once')) : Promise.resolve(true))
  await clock.pass(60_000)
  assert.deepEqual(lost, [])
})

test('a lock that another process has got is lost at once', async () => {
  const { lease, store, clock, lost } = leaseOf()
  await lease.take(open)
  store.renewal = () => Promise.resolve(false)
  await clock.pass(5000)
  assert.match(lost.join(), /another process has it/)
})

test('a lock that comes too late is given back; a store that is silent is asked again', async () => {
  const { lease, store, clock, waits } = leaseOf()
  store.next = () => never
  const taken = lease.take(open)
  await clock.pass(5600)
  assert.match(waits.join(), /no reply in time/)
  store.next = () => {
    clock.jump(6000) // this process did not run meanwhile
    store.next = () => Promise.resolve({ fence: 3 })
    return Promise.resolve({ fence: 2 })
  }
  await clock.pass(6000)
  assert.equal(await taken, 3)
  assert.equal(store.released, 1)
})

test('an end while it waits takes no lock, and one that was given meanwhile is given back', async () => {
  const { lease, store, clock } = leaseOf()
  const end = new AbortController()
  store.next = () => Promise.resolve({ holder: 'x' })
  const taken = lease.take(end.signal)
  await clock.pass(600)
  store.next = () => {
    end.abort()
    return Promise.resolve({ fence: 1 })
  }
  await clock.pass(1000)
  assert.equal(await taken, undefined)
  assert.equal(store.released, 1)
})

test('after a release nothing is renewed', async () => {
  const { lease, store, clock, lost } = leaseOf()
  await lease.take(open)
  await lease.release()
  await clock.pass(60_000)
  assert.deepEqual([store.renewals, store.released, lost], [0, 1, []])
})
