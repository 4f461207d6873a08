// The services of a whole arbiter: their start, reloads that add, remove, fail and scale, deaths and stops.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServicePlan } from '../../../../src/config/sources/service-plans.ts'
import { machineNow } from '../../../../src/os/system/clock.ts'
import type { FakeProcess } from '../world/fake-system.ts'
import { generationOf } from '../world/generations.ts'
import { ServerWorld } from '../world/server-world.ts'

type Plans = Readonly<Record<string, Partial<ServicePlan>>>

const poller: Plans = { poller: {} }
const feed: Partial<ServicePlan> = { kind: 'command', command: ['feed', '-v'] }
const error = { message: 'no queue', stack: 'Error: no queue' }

const marked = (text: string): { readonly fingerprints: ReadonlyMap<string, string> } => ({
  fingerprints: new Map([['poller', text]]),
})

/** Every process is ready, and every start() has run for a while. */
async function serving(services: Plans, fingerprint?: string): Promise<ServerWorld> {
  const world = new ServerWorld({ services, ...(fingerprint !== undefined && marked(fingerprint)) })
  for (let round = 0; round < 4; round += 1) {
    await world.settle()
    await world.boot()
  }
  for (const process of world.ready()) process.says({ type: 'running' })
  await world.settle()
  assert.ok(world.isReady, 'the server is ready')
  await world.pass(1500)
  return world
}

/** Lets a reload go on until nothing changes. */
async function finish(world: ServerWorld): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await world.finishReload()
    for (const process of world.ready()) process.says({ type: 'running' })
    await world.settle()
  }
}

const poolNames = (world: ServerWorld): readonly string[] =>
  world.arbiter.snapshot().pools.map(({ name }) => name)

test('a service starts when those that it needs are ready', async () => {
  const world = new ServerWorld({ services: { live: { kind: 'app', after: ['poller'] }, ...poller } })
  await world.settle()
  assert.deepEqual(world.services, ['1 poller 0'])
  await world.boot([world.process('poller')])
  assert.deepEqual(world.services, ['1 poller 0', '1 live 0'])
  await world.boot()
  assert.ok(world.isReady)
})

test('each process gets its own settings and its lock; a program its words', async () => {
  const world = await serving({
    poller: { own: { timeout: 7, env: { A: '1' } } },
    feed: { ...feed, own: { env: { B: '2' } } },
  })
  const { boot, environment, files } = world.process('poller').start
  assert.deepEqual(
    [boot.service, files],
    [{ name: 'poller', isRunner: true, lock: boot.service?.lock }, [30]],
  )
  assert.deepEqual([boot.settings.timeout, boot.appFile, boot.settings.bind], [7, '/srv/poller.js', []])
  assert.deepEqual([environment['A'], environment['TSGUN_SERVICE']], ['1', 'poller'])
  const { command } = world.process('feed')
  assert.deepEqual([command?.words, command?.environment['B']], [['feed', '-v'], '2'])
})

test('a module is replaced new before old, a program old before new', async () => {
  const world = await serving({ ...poller, feed })
  await world.reload(generationOf(2, { services: { ...poller, feed } }))
  assert.deepEqual(world.services, ['1 poller 0', '1 feed 0', '2 poller 0'])
  assert.deepEqual(world.process('feed').orders, ['retire'])
  await world.dies(world.process('feed'), { code: 0 })
  assert.deepEqual(world.services, ['1 poller 0', '2 poller 0', '2 feed 0'])
  await finish(world)
  assert.deepEqual(world.services, ['2 poller 0', '2 feed 0'])
  assert.equal(world.of('reloaded').length, 1)
})

test('a reload is not done before each start() has run for a while', async () => {
  const world = await serving(poller)
  await world.reload(generationOf(2, { services: poller }))
  await world.finishReload()
  assert.equal(world.of('reloaded').length, 0)
  await world.says(world.process('poller'), { type: 'running' })
  assert.equal(world.of('reloaded').length, 1)
})

test('a service that a reload removes runs until the reload is done, and is forgotten then', async () => {
  const world = await serving({ ...poller, other: {} })
  await world.reload(generationOf(2, { services: poller }))
  assert.deepEqual(world.process('other').orders, [], 'a broken release would need it again')
  await finish(world)
  assert.deepEqual(world.services, ['2 poller 0'])
  assert.deepEqual(poolNames(world), ['app', 'poller'])
})

test('a service for which nothing has changed stays in a reload, and in one that fails', async () => {
  const services = { ...poller, other: {} }
  const world = await serving(services, 'same')
  const stays = world.process('poller')
  await world.reload(generationOf(2, { services, ...marked('same') }))
  await finish(world)
  assert.equal(world.of('reloaded').length, 1)
  assert.deepEqual(
    world.of('service_unchanged').map(({ service }) => service),
    ['poller'],
  )
  assert.equal(world.process('poller'), stays)
  assert.deepEqual(world.services, ['2 poller 0', '2 other 0'])

  await world.reload(generationOf(3, { services, ...marked('same') }))
  await world.says(world.process('other'), { type: 'boot_failed', failure: 'boot', error })
  await world.dies(world.process('other'), { code: 3 })
  await finish(world)
  assert.equal(world.of('reload_failed').length, 1)
  assert.equal(world.process('poller'), stays)

  await world.dies(stays, { code: 1 })
  await world.pass(1000)
  await world.boot()
  assert.equal(world.process('poller').start.boot.generation, 2, 'the next one runs the present generation')
  await world.reload(generationOf(4, { services, ...marked('other') }))
  await finish(world)
  assert.deepEqual(world.services, ['4 poller 0', '4 other 0'])
})

test('after a failed reload a removed service still runs, and an added one is gone', async () => {
  const world = await serving({ ...poller, other: {} })
  const before = world.process('other')
  await world.reload(generationOf(2, { services: { ...poller, added: {} } }))
  await world.boot([world.process('added')])
  await world.says(world.process('poller'), { type: 'boot_failed', failure: 'boot', error })
  assert.deepEqual(
    world.of('reload_failed').map(({ reason }) => reason),
    ['no queue'],
  )
  await world.dies(world.process('poller'), { code: 3 })
  await finish(world)
  assert.deepEqual(world.services, ['1 poller 0', '1 other 0'])
  assert.equal(world.process('other'), before)
  assert.deepEqual(poolNames(world), ['app', 'poller', 'other'])
})

test('a failed reload brings the number of processes back, unless an operator has changed it', async () => {
  for (const operator of [undefined, 3]) {
    const world = await serving({ live: { kind: 'app', processes: 2 } })
    await world.reload(generationOf(2, { services: { live: { kind: 'app', processes: 4 } } }))
    if (operator !== undefined) await world.order({ type: 'scale', to: operator, service: 'live' })
    const trial = world.process('live')
    await world.says(trial, { type: 'boot_failed', failure: 'boot', error })
    await world.dies(trial, { code: 3 })
    await finish(world)
    const live = world.arbiter.snapshot().pools.find(({ name }) => name === 'live')
    assert.equal(live?.target, operator ?? 2)
    assert.equal(live.workers.length, operator ?? 2)
  }
})

test('a program that fails ends neither a start nor a reload; one that is needed does', async () => {
  const optional = new ServerWorld({ services: { feed } })
  await optional.settle()
  await optional.boot([optional.slot(0)])
  for (let round = 0; round < 4 && !optional.isReady; round += 1) {
    await optional.dies(optional.process('feed'), { code: 1, foreign: true, lastLines: ['no feed today'] })
    await optional.pass(4000)
  }
  assert.ok(optional.isReady, 'it serves although the program keeps failing')
  assert.equal(optional.of('start_failed').length, 0)

  const needed = new ServerWorld({ services: { feed, live: { kind: 'app', after: ['feed'] } } })
  await needed.settle()
  await needed.dies(needed.process('feed'), { code: 1, foreign: true, lastLines: ['no feed today'] })
  const [failed] = needed.of('start_failed')
  assert.equal(failed?.code, 3)
  assert.match(failed.reason, /process of the service feed did not become ready: .*no feed today/)
})

test('a critical service that keeps failing ends the server with code 5', async () => {
  const world = await serving({ poller: { critical: true } })
  const dies = (): Promise<void> =>
    world.dies(world.process('poller'), { code: 1, lastLines: ['Error: no queue'] })
  await dies() // it has served for long: no failure to start
  for (let round = 0; round < 5; round += 1) {
    assert.equal(world.of('service_lost').length, 0)
    await world.pass(8000)
    await world.boot()
    await dies()
  }
  const [lost] = world.of('service_lost')
  assert.deepEqual(
    [lost?.service, lost?.failures, lost?.code, lost?.reason],
    ['poller', 5, 5, 'Error: no queue'],
  )
  await world.endOrdered()
  assert.equal(world.exitCode, 5)
})

test('a critical service that serves for a while and dies ten times in a minute is lost too', async () => {
  const world = await serving({ poller: { critical: true } })
  for (let round = 0; round < 30; round += 1) {
    if (world.of('service_lost').length > 0) break
    await world.pass(round < 9 ? 8000 : 3000) // at first it lives long enough
    await world.dies(world.process('poller'), { code: 1, lastLines: ['Error: no queue'] })
    await world.pass(100)
    await world.boot()
  }
  const [lost] = world.of('service_lost')
  assert.deepEqual([lost?.failures, lost?.inRow], [10, false])
})

test('a stop ends a service after those that need it', async () => {
  const world = await serving({
    ...poller,
    live: { kind: 'app', after: ['poller'] },
    last: { after: ['web'] },
  })
  await world.signal('SIGTERM')
  const orders = (...names: readonly string[]): readonly (readonly string[])[] =>
    names.map((name) => world.process(name).orders)
  assert.deepEqual(orders('live', 'last', 'poller', 'web'), [['retire'], ['retire'], [], []])
  await world.dies(world.process('live'), { code: 0 })
  assert.deepEqual(orders('last', 'poller', 'web'), [['retire'], ['retire'], []])
  await world.dies(world.process('last'), { code: 0 })
  assert.deepEqual(orders('web'), [['retire']])
  await world.endOrdered()
  assert.equal(world.exitCode, 0)
})

test('a lock that cannot be opened fails the start of that process with the reason, and no other', async () => {
  let isFull = true
  const of = (): number => {
    if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    return 30
  }
  const world = new ServerWorld({ services: poller, options: { locks: { of } } })
  await world.settle()
  assert.match(world.of('start_failed')[0]?.reason ?? '', /could not be started: .*no space/i)

  isFull = false
  const later = new ServerWorld({ services: poller, options: { locks: { of } } })
  await later.settle()
  await later.boot()
  await later.pass(2000)
  isFull = true
  const died: FakeProcess = later.process('poller')
  await later.dies(died, { code: 1 })
  await later.pass(1000)
  assert.match(later.of('worker_ended').at(-1)?.verdict.how ?? '', /no space/i)
  isFull = false
  await later.pass(20_000)
  assert.deepEqual(later.services, ['1 poller 0'])
})

test('the new arbiter of an upgrade starts a program when the old one has exited', async () => {
  const upgrade = { refusal: undefined, isSecond: true, begin: () => undefined, apply: () => undefined }
  const world = new ServerWorld({ services: { feed, ...poller }, options: { upgrade } })
  await world.settle()
  await world.boot()
  assert.deepEqual(world.services, ['1 poller 0'])
  assert.ok(world.isReady, 'the old one still runs it')
  upgrade.isSecond = false
  await world.pass(2000)
  assert.deepEqual(world.services, ['1 poller 0', '1 feed 0'])
})

test('a process that can no longer renew its lock is killed at the end of it, also when it is stopped', async () => {
  const world = await serving(poller)
  const process = world.process('poller')
  await world.says(process, { type: 'lease', until: machineNow() + 10_000 })
  await world.pass(9000)
  assert.equal(process.isKilled, false)
  await world.says(process, { type: 'lease', until: machineNow() + 10_000 })
  await world.pass(8000)
  assert.equal(process.isKilled, false, 'it was renewed')
  await world.pass(3000, { beats: false })
  assert.ok(process.isKilled)
  await world.dies(process, { signal: 'SIGKILL' })
  assert.match(world.of('worker_ended').at(-1)?.verdict.how ?? '', /its lock was not renewed in time/)

  const released = await serving(poller)
  await released.says(released.process('poller'), { type: 'lease', until: machineNow() + 1000 })
  await released.says(released.process('poller'), { type: 'lease', until: null })
  await released.pass(5000)
  assert.equal(released.process('poller').isKilled, false)
})
