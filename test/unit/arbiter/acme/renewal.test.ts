import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AcmeHandlers, AcmeResult } from '../../../../src/arbiter/acme/process.ts'
import { AcmeRenewal } from '../../../../src/arbiter/acme/renewal.ts'
import type { ArbiterCommand } from '../../../../src/arbiter/model/commands.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import type { AcmeTask } from '../../../../src/ipc/acme-messages.ts'

const day = 86_400_000
type Followed = Parameters<AcmeRenewal['follow']>[0]

interface Started {
  readonly task: AcmeTask
  readonly handlers: AcmeHandlers
  readonly end: (result: AcmeResult) => void
  stopped: boolean
}

function world(t: TestContext, { expiresIn = 80 * day, isPlaceholder = false, shared = false } = {}) {
  const events: ArbiterEvent[] = []
  const commands: ArbiterCommand[] = []
  const runs: Started[] = []
  const made = { now: 0, shared, reads: 0, expires: Date.now() + expiresIn, isPlaceholder }
  const generation = {
    services: [],
    home: '/tsgun',
    environment: () => ({}),
    config: { settings: { bind: ['https://:443'], certfile: null, acme: {} } },
    listeners: [],
    slots: { all: () => [] },
    tls: {
      managed: {
        settings: { domains: ['a.example'], directory: 'https://ca/dir', challenge: null },
        places: {},
      },
      present: (challenges: readonly unknown[], nr: number) => ({
        type: 'challenges',
        nr,
        sealed: String(challenges.length),
      }),
      loaded: {
        get certificates() {
          const { expires } = made
          const from = Date.now() - 10 * day
          return [{ names: ['a.example'], isPlaceholder: made.isPlaceholder, from, expires }]
        },
      },
    },
  } as unknown as Followed // what is read of it
  const renewal = new AcmeRenewal({
    version: '1.2.3',
    commands: { put: (command) => void commands.push(command) },
    emit: (event) => void events.push(event),
    now: () => made.now,
    random: () => 0,
    start(_, task, handlers = {}) {
      const run: { started?: Started } = {}
      const result = new Promise<AcmeResult>((resolve) => {
        run.started = { task, handlers, end: resolve, stopped: false }
        runs.push(run.started)
      })
      return { result, stop: () => void (run.started && (run.started.stopped = true)) }
    },
    isShared: () => made.shared,
    readFiles: () => Promise.resolve(void (made.reads += 1)),
  })
  t.after(() => renewal.close())
  renewal.follow(generation)
  const types = (): readonly string[] => events.map(({ type }) => type)
  return { renewal, generation, events, commands, runs, made, types }
}

test('nothing is ordered before the workers serve, nor for a certificate that is young enough', async (t) => {
  const { renewal, runs, types } = world(t)
  await renewal.look()
  renewal.begin()
  await renewal.look()
  assert.deepEqual([runs.length, types()], [0, []])
})

test('one that ends soon is ordered once, and served as soon as it is there', async (t) => {
  const { renewal, runs, types, made, events } = world(t, { expiresIn: day })
  renewal.begin()
  void renewal.look()
  assert.equal(runs.length, 1)
  runs[0]?.handlers.onOrdering?.()
  runs[0]?.end({ type: 'obtained', from: 0, expires: 90 * day })
  await nextTurn()
  assert.deepEqual(types(), ['acme_ordering', 'acme_obtained'])
  assert.equal(events.find(({ type }) => type === 'acme_obtained')?.type, 'acme_obtained')
  assert.equal(made.reads, 1)
  void renewal.look()
  assert.equal(runs.length, 1, 'the files are about to be read')
})

test('a placeholder is told, once for each config', (t) => {
  const { renewal, types, generation } = world(t, { isPlaceholder: true })
  renewal.begin()
  assert.deepEqual(types(), ['acme_placeholder'])
  renewal.follow(generation)
  assert.deepEqual(types(), ['acme_placeholder', 'acme_placeholder'])
})

test('a failure is told with the pause that follows, which grows', async (t) => {
  const { renewal, runs, events, made } = world(t, { isPlaceholder: true })
  renewal.begin()
  const pauses: number[] = []
  for (let time = 1; time <= 3; time += 1) {
    assert.equal(runs.length, time)
    runs[time - 1]?.end({ type: 'failed', reason: 'no', retryAfter: time === 3 ? 7_200_000 : 0, failures: 0 })
    await nextTurn()
    const event = events.at(-1)
    assert.ok(event?.type === 'acme_failed')
    assert.deepEqual([event.reason, event.expires], ['no', null])
    pauses.push(event.retryIn)
    made.now += event.retryIn - 1
    await renewal.look()
    assert.equal(runs.length, time, 'too early')
    made.now += 1
    void renewal.look()
  }
  assert.deepEqual(pauses, [60_000, 300_000, 7_200_000])
})

test('failures before a restart count', async (t) => {
  const { renewal, runs, events } = world(t, { isPlaceholder: true })
  renewal.begin()
  runs[0]?.end({ type: 'failed', reason: 'no', retryAfter: 0, failures: 4 })
  await nextTurn()
  const event = events.at(-1)
  assert.ok(event?.type === 'acme_failed' && event.retryIn === 3_600_000)
})

test('a reload ends a long pause, but no try follows another within a minute', async (t) => {
  const { renewal, runs, made, generation } = world(t, { isPlaceholder: true })
  renewal.begin()
  for (made.now of [0, 60_000]) {
    void renewal.look()
    runs.at(-1)?.end({ type: 'failed', reason: 'no', retryAfter: 0, failures: 0 })
    await nextTurn()
  }
  made.now = 100_000
  renewal.follow(generation)
  assert.equal(runs.length, 2)
  made.now = 120_000
  void renewal.look()
  assert.equal(runs.length, 3)
})

test('another master that orders, or has failed a moment ago, is waited for', async (t) => {
  const { renewal, runs, made, types } = world(t, { expiresIn: day })
  renewal.begin()
  runs[0]?.end({ type: 'busy' })
  await nextTurn()
  made.now = 30_000
  void renewal.look()
  runs[1]?.end({ type: 'paused', wait: 5000 })
  await nextTurn()
  made.now = 34_999
  void renewal.look()
  assert.equal(runs.length, 2)
  made.now = 35_000
  void renewal.look()
  runs[2]?.end({ type: 'current' })
  await nextTurn()
  assert.deepEqual([types(), made.reads], [['acme_paused'], 1])
})

test('during an upgrade nothing is ordered', async (t) => {
  const { renewal, runs, made } = world(t, { isPlaceholder: true, shared: true })
  renewal.begin()
  await renewal.look()
  assert.equal(runs.length, 0)
  made.shared = false
  void renewal.look()
  assert.equal(runs.length, 1)
})

test('the authority is called when all workers answer, and they forget it afterwards', async (t) => {
  const { renewal, runs, commands } = world(t, { isPlaceholder: true })
  renewal.begin()
  const state = { isPresented: false }
  void runs[0]?.handlers.present?.([]).then(() => (state.isPresented = true))
  const [command] = commands
  assert.ok(command?.type === 'tell' && command.message.type === 'challenges')
  const { nr } = command.message
  command.onTold([1, 2])
  renewal.confirm(1, nr)
  renewal.confirm(2, nr + 1)
  await nextTurn()
  assert.equal(state.isPresented, false)
  renewal.confirm(2, nr)
  await nextTurn()
  assert.equal(state.isPresented, true)
  runs[0]?.end({ type: 'failed', reason: 'no', retryAfter: 0, failures: 0 })
  await nextTurn()
  const last = commands.at(-1)
  assert.ok(last?.type === 'tell' && last.message.type === 'challenges' && last.message.sealed === '0')
})

test('the end of the server ends an order without a word', async (t) => {
  const { renewal, runs, types } = world(t, { expiresIn: day })
  renewal.begin()
  renewal.close()
  assert.equal(runs[0]?.stopped, true)
  runs[0]?.end({ type: 'failed', reason: 'killed', retryAfter: 0, failures: 0 })
  await nextTurn()
  assert.deepEqual(types(), [])
})
