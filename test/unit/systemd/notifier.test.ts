import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ArbiterEvent } from '../../../src/arbiter/model/events.ts'
import { noLimits } from '../../../src/arbiter/model/limits.ts'
import type { WorkerRecord } from '../../../src/arbiter/model/worker-record.ts'
import type { Snapshot } from '../../../src/arbiter/model/snapshot.ts'
import { Notifier } from '../../../src/systemd/notifier.ts'
import { Outbox } from '../../../src/systemd/outbox.ts'
import { worker } from '../arbiter/records.ts'
import { FakeClock } from '../../helpers/fake-clock.ts'

interface World {
  readonly clock: FakeClock
  readonly notifier: Notifier
  readonly sent: string[]
  readonly failures: Error[]
  records: WorkerRecord[]
  /** What the socket answers; undefined when it takes everything. */
  broken: Error | undefined
}

function createWorld({
  watchdog,
  isSecond = false,
  silence = 30_000,
}: { watchdog?: number; isSecond?: boolean; silence?: number } = {}): World {
  const clock = new FakeClock()
  const [sent, failures]: [string[], Error[]] = [[], []]
  const send = (text: string): void => {
    if (world.broken) throw world.broken
    sent.push(text)
  }
  const outbox = new Outbox(send, (error) => failures.push(error))
  const notifier = new Notifier({ outbox, watchdog, isSecond, clock })
  const records = [worker({ limits: { ...noLimits, silence } })]
  const world: World = { clock, notifier, sent, failures, records, broken: undefined }
  notifier.watch(() => {
    const workers = world.records
    const pool = { name: 'app', target: 1, generation: 1, workers, slots: [] }
    // The rest is not read.
    return { pools: [pool], durations: { hook_timeout: 30_000 } } as unknown as Snapshot
  })
  return world
}

const ready: ArbiterEvent = { type: 'workers_ready', count: 1 }

function beat(world: World): void {
  world.records = world.records.map((record) => ({ ...record, lastBeat: world.clock.now() }))
}

function fed({ sent }: World): number {
  return sent.filter((message) => message.includes('WATCHDOG=1')).length
}

/** Lets time pass; its workers beat or are silent. */
function pass(world: World, seconds: number, beats: boolean): number {
  const before = fed(world)
  for (let each = 0; each < seconds; each += 1) {
    if (beats) beat(world)
    world.clock.advance(1000)
  }
  return fed(world) - before
}

test('the watchdog is fed at half of its time while a worker beats, and not when all are stuck', () => {
  const world = createWorld({ watchdog: 4000, silence: Infinity })
  world.notifier.apply(ready)
  assert.ok(pass(world, 20, true) >= 9)
  assert.ok(pass(world, 4, false) <= 1)
  assert.equal(pass(world, 20, false), 0)
  assert.ok(pass(world, 20, true) >= 9)
})

test('a silence that `timeout` allows does not starve the watchdog', () => {
  const world = createWorld({ watchdog: 4000, silence: 30_000 })
  world.notifier.apply(ready)
  assert.ok(pass(world, 29, false) >= 13)
  pass(world, 3, false)
  assert.equal(pass(world, 20, false), 0)
})

test(
  'a worker that boots feeds the watchdog until its deadline, a worker that ends does not, a debugged ' +
    'one always',
  () => {
    const world = createWorld({ watchdog: 4000 })
    world.notifier.apply(ready)
    world.records = [worker({ state: 'booting', deadline: 10_000 })]
    assert.ok(pass(world, 9, false) >= 3)
    pass(world, 2, false)
    assert.equal(pass(world, 9, false), 0)
    world.records = [
      worker({ state: 'draining', lastBeat: 1e9 }),
      worker({ state: 'aborting', lastBeat: 1e9 }),
    ]
    assert.equal(pass(world, 9, false), 0)
    world.records = [worker({ debugged: true })]
    assert.ok(pass(world, 9, false) >= 3)
  },
)

test(
  'while the server starts or stops, and when it has no workers on purpose, its loop alone feeds the ' +
    'watchdog',
  () => {
    const world = createWorld({ watchdog: 4000 })
    world.records = []
    assert.ok(pass(world, 9, false) >= 3)
    world.notifier.apply(ready)
    assert.equal(pass(world, 9, false), 0)
    world.notifier.apply({ type: 'stopping', mode: 'graceful', delay: 0 })
    assert.ok(pass(world, 9, false) >= 3)
  },
)

test('the status is sent when it changes, and not more often than every five seconds', () => {
  const world = createWorld()
  world.notifier.apply(ready)
  const before = world.sent.length
  world.clock.advance(60_000)
  assert.deepEqual(world.sent.slice(before), [])
  let requests = 0
  for (let step = 0; step < 200; step += 1) {
    requests += 10
    world.records = [worker({ load: { ...worker().load, requests, busy: 3 } })]
    world.notifier.apply({ type: 'logs_reopened' })
    world.clock.advance(100)
  }
  const later = world.sent.slice(before)
  assert.ok(later.length >= 3 && later.length <= 5, later.join('\n'))
  assert.equal(
    later.at(-1),
    'STATUS=generation 1: 1 of 1 workers ready, 3 requests in progress, 100 requests/s, 2000 answered',
  )
})

test('each phase that takes long asks for the time that is left, and no more', () => {
  const world = createWorld()
  world.records = [worker({ state: 'booting', deadline: 12_000 })]
  world.clock.advance(5000)
  const micros = (): number => Number(/EXTEND_TIMEOUT_USEC=(\d+)/.exec(world.sent.at(-1) ?? '')?.[1] ?? -1)
  assert.equal(micros(), 12_000_000) // 7 s and a margin of 5 s
  world.records = [worker()]
  world.notifier.apply(ready)
  assert.equal(micros(), -1)
  world.notifier.apply({ type: 'reloading', attempt: 1 })
  world.clock.advance(60_000)
  assert.equal(micros(), 35_000_000) // hook_timeout, while nothing boots
  world.records = [worker({ state: 'draining', deadline: 200_000 })]
  world.notifier.apply({ type: 'stopping', mode: 'graceful', delay: 0 })
  assert.equal(micros(), 35_000_000)
  world.clock.advance(115_000)
  assert.equal(micros(), 25_000_000)
})

test('a master that hands over names the new one and says nothing more, STOPPING least of all', () => {
  const world = createWorld({ watchdog: 4000 })
  world.notifier.apply(ready)
  world.notifier.apply({ type: 'upgraded', pid: 4711 })
  world.notifier.apply({ type: 'stopping', mode: 'graceful', delay: 0 })
  assert.match(world.sent.at(-1) ?? '', /^MAINPID=4711$/m)
  const before = world.sent.length
  pass(world, 30, true)
  world.notifier.apply({ type: 'stopped' })
  assert.equal(world.sent.length, before)
  assert.doesNotMatch(world.sent.join('\n'), /STOPPING/)
})

test('a new master that has exited does not keep the old one from reporting its stop', () => {
  const world = createWorld()
  world.notifier.apply(ready)
  world.notifier.apply({ type: 'upgraded', pid: 4711 })
  world.notifier.apply({ type: 'upgrade_reverted', pid: 4711 })
  world.notifier.apply({ type: 'stopping', mode: 'graceful', delay: 0 })
  assert.match(world.sent.at(-1) ?? '', /^STOPPING=1\n/)
  assert.doesNotMatch(world.sent.join('\n'), /MAINPID/)
})

test('a new master is silent beside the old one, and reports in its place when it is promoted', () => {
  const world = createWorld({ watchdog: 4000, isSecond: true })
  world.notifier.apply(ready)
  pass(world, 30, true)
  assert.deepEqual(world.sent, [])
  world.notifier.apply({ type: 'upgrade_done', from: 4710 })
  assert.match(world.sent[0] ?? '', /^READY=1\nSTATUS=generation 1: 1 of 1/)
  assert.ok(pass(world, 10, true) >= 4)
})

test('messages that a supervisor does not read at once are sent in order when it does; the failure is reported once', () => {
  const world = createWorld({ watchdog: 4000 })
  world.broken = Object.assign(new Error('send EAGAIN'), { code: 'EAGAIN' })
  const before = world.sent.length
  world.notifier.apply(ready)
  world.notifier.apply({ type: 'reloading', attempt: 1 })
  pass(world, 10, true)
  assert.equal(world.sent.length, before)
  world.broken = undefined
  world.clock.advance(5000)
  assert.match(world.sent[before] ?? '', /^READY=1/)
  assert.match(world.sent[before + 1] ?? '', /^RELOADING=1\nMONOTONIC_USEC=\d+/)
  world.broken = new Error('send ENOENT')
  pass(world, 10, true)
  assert.equal(world.failures.length, 1)
})

test('a supervisor that never reads costs no memory, and gets the latest states when it does', () => {
  const sent: string[] = []
  let isReading = false
  const outbox = new Outbox(
    (text) => {
      if (!isReading) throw new Error('EAGAIN')
      sent.push(text)
    },
    () => undefined,
  )
  for (let each = 0; each < 1000; each += 1) outbox.put([`RELOADING=${each}`])
  isReading = true
  assert.equal(outbox.offer([]), true)
  assert.equal(sent.length, 16)
  assert.equal(sent.at(-1), 'RELOADING=999')
})
