// A reload from the order to its end, over real pools: the trial, the replacement one by one, and the way
// back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../../../../src/config/problems/problem.ts'
import { ServerWorld, two } from '../world/server-world.ts'
import { generationOf, socketOf } from '../world/generations.ts'

test(
  'a reload replaces the workers one at a time, each new one ready before the old one is ' + 'retired',
  async () => {
    const calls: string[] = []
    const world = await ServerWorld.serving({ settings: two })
    const hooks = { on_reload: [{ file: 'a', hook: () => void calls.push('on_reload') }] }
    await world.reload(generationOf(2, { settings: two, hooks }))
    assert.deepEqual(calls, ['on_reload'])
    assert.deepEqual(
      world.system.living.map(({ generation, nr }) => [generation, nr]),
      [
        [1, 0],
        [1, 1],
        [2, 0],
      ],
    )
    const [first, second, trial] = world.system.living
    assert.ok(first && second && trial)
    assert.equal(trial.start.boot.trial, 1000)
    assert.deepEqual([first.orders, second.orders], [[], []])
    await world.boot([trial])
    assert.deepEqual(first.orders, ['retire'])
    assert.deepEqual(second.orders, [])
    const next = world.slot(1)
    assert.deepEqual([next.generation, next.start.boot.trial], [2, 0])
    await world.boot([next])
    assert.deepEqual(second.orders, ['retire'])
    assert.equal(world.of('reloaded').length, 0, 'the old workers still accept')
    for (const old of [first, second]) await world.says(old, { type: 'shut' })
    assert.deepEqual(
      world.of('reloaded').map(({ attempt, generation }) => [attempt, generation]),
      [[1, 2]],
    )
    assert.deepEqual(world.discarded, [], 'the old workers still run its code')
    await world.endOrdered()
    assert.deepEqual(world.discarded, [1])
    assert.deepEqual(world.wanted, [2])
  },
)

test('a load that fails is reported, changes nothing, and the next one has another number', async () => {
  const world = await ServerWorld.serving()
  await world.reload(new ConfigError([{ where: 'server.config.js', name: 'workers', message: 'wrong' }]))
  const failed = { type: 'reload_failed', attempt: 1, reason: 'server.config.js: workers: wrong' } as const
  assert.deepEqual(world.of('reload_failed'), [failed])
  assert.equal(world.system.living.length, 1)
  world.loads.push(generationOf(2))
  assert.deepEqual(await world.order({ type: 'reload' }), { taken: true, attempt: 2 })
  assert.deepEqual(
    world.of('reloading').map(({ attempt }) => attempt),
    [1, 2],
  )
})

test(
  'a generation whose first worker dies on trial is left for the old one, sockets and number of ' +
    'workers included',
  async () => {
    const [old, added] = [socketOf('unix:/old'), socketOf('unix:/new')]
    const world = await ServerWorld.serving({ settings: two, listeners: [old] })
    await world.reload(generationOf(2, { settings: { workers: 4 }, listeners: [old, added] }))
    assert.equal(world.arbiter.view.num_workers, 4)
    await world.boot()
    await world.dies(world.slot(0), { code: 1 })
    const [failed] = world.of('reload_failed')
    assert.match(failed?.reason ?? '', /^a worker died within 1 s after it was ready: it exited with code 1/)
    assert.deepEqual([world.arbiter.view.num_workers, world.arbiter.view.generation], [2, 1])
    assert.equal(world.sockets.at(-1), 'keep unix:/old')
    assert.deepEqual(world.wanted, [2, 1])
    await world.finishReload()
    assert.deepEqual(
      world.ready().map(({ generation }) => generation),
      [1, 1],
    )
    assert.deepEqual(world.discarded, [2])
  },
)

test('the snapshot has the wanted generation already when an event of the reload is emitted', async () => {
  const seen: unknown[] = []
  const world: ServerWorld = await ServerWorld.serving({ settings: { workers: 1, timeout: 5 } })
  world.listen(({ type }) => {
    if (type === 'reload_changes' || type === 'reload_failed')
      seen.push([type, world.arbiter.snapshot().pools[0].generation])
  })
  await world.reload(generationOf(2, { settings: { workers: 1, timeout: 6 } }))
  await world.dies(world.slot(0), { code: 1 })
  assert.deepEqual(seen, [
    ['reload_changes', 2],
    ['reload_failed', 1],
  ])
})

test('a number of workers that an operator changed since the reload began stays when it fails', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.reload(generationOf(2, { settings: { workers: 4 } }))
  await world.order({ type: 'scale', to: 3 })
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.of('reload_failed').length, 1)
  assert.equal(world.arbiter.view.num_workers, 3)
})

test('a worker that died after its trial is replaced, and the reload continues', async () => {
  const world = await ServerWorld.serving({ settings: two })
  await world.reload(generationOf(2, { settings: two }))
  await world.boot([world.slot(0)])
  await world.pass(1250)
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.of('reload_failed').length, 0)
  assert.equal(world.slot(1).generation, 2, 'the next one on trial')
})

test('a worker that hangs is killed at boot_timeout and fails the reload at once', async () => {
  const world = await ServerWorld.serving({ settings: { boot_timeout: 2 } })
  await world.reload(generationOf(2, { settings: { boot_timeout: 2 } }))
  const hung = world.slot(0)
  await world.pass(2750)
  assert.equal(hung.isKilled, false, 'the trial counts on top')
  await world.pass(500)
  assert.equal(hung.isKilled, true)
  assert.equal(world.of('reload_failed')[0]?.reason, 'a worker was not ready within boot_timeout')
  assert.equal(world.system.living.length, 2, 'no other worker is started to hang beside it')
})

test('a HUP during a reload is remembered, and loaded when the reload is done', async () => {
  const world = await ServerWorld.serving()
  await world.reload(generationOf(2))
  await world.reload(generationOf(3))
  assert.deepEqual(world.of('reload_queued'), [{ type: 'reload_queued', attempt: 2 }])
  await world.finishReload()
  await world.finishReload()
  assert.deepEqual(
    world.of('reloaded').map(({ attempt, generation }) => [attempt, generation]),
    [
      [1, 2],
      [2, 3],
    ],
  )
})

test('a HUP during the start is loaded when the workers of the start are ready', async () => {
  const world = new ServerWorld()
  await world.settle()
  await world.reload(generationOf(2))
  assert.equal(world.of('reloading').length, 0)
  assert.equal(world.of('reload_queued').length, 1)
  await world.boot()
  assert.equal(world.of('reloading').length, 1)
})

test(
  'settings that changed, or that only a restart changes, are reported with the warnings of the ' + 'config',
  async () => {
    const world = await ServerWorld.serving({ settings: two })
    const next = generationOf(2, { settings: { workers: 3, pidfile: '/run/other.pid' } })
    await world.reload({ ...next, config: { ...next.config, warnings: ['take care'] } })
    assert.deepEqual(world.of('reload_kept'), [{ type: 'reload_kept', settings: ['pidfile'] }])
    assert.deepEqual(
      world.of('reload_changes')[0]?.changes.map(({ name }) => name),
      ['workers'],
    )
    assert.deepEqual(world.of('warning'), [{ type: 'warning', message: 'take care' }])
    await world.finishReload()
    await world.reload(generationOf(3, { settings: { workers: 3, pidfile: null } }))
    assert.equal(world.of('reload_changes').length, 1, 'nothing has changed')
  },
)

test(
  'the timeout of the old workers stays that of their own generation, also if the reload ' + 'fails',
  async () => {
    const world = await ServerWorld.serving({ settings: { workers: 2, timeout: 300 } })
    await world.reload(generationOf(2, { settings: { workers: 2, timeout: 5, boot_timeout: 0 } }))
    await world.pass(10_000, { beats: false })
    assert.equal(world.of('worker_aborted').length, 0)
    await world.boot([world.slot(0)])
    await world.pass(6000, { beats: false })
    const stalled = world.of('worker_aborted').map(({ worker }) => worker.generation)
    assert.deepEqual(stalled, [2], 'only the worker of the new generation is judged by the new timeout')
  },
)

test('a reload that begins while a slot is in a crash loop starts its worker at once', async () => {
  const world = await ServerWorld.serving()
  await world.pass(2000)
  for (let round = 0; round < 4; round += 1) {
    await world.dies(world.slot(0), { code: 1 })
    await world.pass(1100)
  }
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.system.living.length, 0)
  await world.reload(generationOf(2))
  assert.deepEqual([world.slot(0).generation, world.slot(0).start.boot.trial], [2, 0])
})

test('nothing is adopted once the server stops', async () => {
  const world = await ServerWorld.serving()
  world.loads.push(generationOf(2))
  world.queue.put({ type: 'signal', signal: 'SIGHUP' })
  world.queue.put({ type: 'signal', signal: 'SIGTERM' })
  await world.settle()
  assert.equal(world.arbiter.view.generation, 1)
  const refused = await world.order({ type: 'reload' })
  assert.deepEqual(refused, { taken: false, why: 'the server is stopping' })
})
