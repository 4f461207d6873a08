// The development restart: what a changed file does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FileWatcher } from '../../../../src/arbiter/reload/development-restart.ts'
import { ServerWorld } from '../world/server-world.ts'
import { generationOf } from '../world/generations.ts'

const developing = { workers: 2, reload: true } as const
const error = { message: 'no semicolon', stack: '' }

async function changed(world: ServerWorld, ...loads: (typeof world.loads)[number][]): Promise<void> {
  world.loads.push(...loads)
  world.queue.put({ type: 'files_changing' })
  world.queue.put({ type: 'files_changed', files: ['/srv/a.ts'] })
  await world.settle()
}

test(
  'all workers leave at once, none starts before the new code is loaded, and its workers are not on ' +
    'trial',
  async () => {
    const world = await ServerWorld.serving({ settings: developing })
    world.queue.put({ type: 'files_changing' })
    await world.settle()
    assert.deepEqual(
      world.system.living.map(({ sent }) =>
        sent.map((each) => each.type === 'retire' && [each.hurry, each.reason]),
      ),
      [[[true, 'change']], [[true, 'change']]],
    )
    await world.endOrdered()
    await world.pass(500)
    assert.equal(world.system.living.length, 0)
    world.loads.push(generationOf(2, { settings: developing }))
    world.queue.put({ type: 'files_changed', files: ['/srv/a.ts'] })
    await world.settle()
    assert.deepEqual(world.of('files_changed')[0]?.files, ['/srv/a.ts'])
    assert.deepEqual(
      world.system.living.map(({ generation, start }) => [generation, start.boot.trial]),
      [
        [2, 0],
        [2, 0],
      ],
    )
    await world.boot()
    const [restarted] = world.of('restarted')
    assert.deepEqual([restarted?.generation, restarted?.took, restarted?.files], [2, 500, ['/srv/a.ts']])
    const isRestart = (): readonly boolean[] => world.of('worker_ready').map(({ worker }) => worker.restart)
    assert.deepEqual(isRestart(), [false, false, true, true], 'only those of the restart')
    await world.pass(2000)
    await world.dies(world.slot(0), { signal: 'SIGKILL' })
    await world.boot()
    assert.deepEqual(isRestart(), [false, false, true, true, false], 'nor one that replaces a worker later')
    assert.match(world.sockets.at(-1) ?? '', /^keep/)
    assert.equal(world.of('reloaded').length, 0)
  },
)

test('a change while the new code is being loaded loads it once more, and drops the first load', async () => {
  const world = await ServerWorld.serving({ settings: developing })
  let resolve: (generation: ReturnType<typeof generationOf>) => void = () => undefined
  const slow = new Promise<ReturnType<typeof generationOf>>((done) => (resolve = done))
  const source = { next: () => slow, discard: () => undefined, renew: () => undefined }
  const slowWorld = await ServerWorld.serving({ settings: developing, options: { source } })
  await changed(slowWorld)
  slowWorld.queue.put({ type: 'files_changing' })
  await slowWorld.settle()
  resolve(generationOf(2, { settings: developing }))
  await slowWorld.settle()
  assert.equal(slowWorld.arbiter.view.generation, 1, 'the load is outdated')
  assert.equal(world.of('restarted').length, 0)
})

test('a config that does not load is shown by the workers, until the next change', async () => {
  const failed: string[] = []
  const files: FileWatcher = { saw: () => undefined, loadFailed: (reason) => void failed.push(reason) }
  const world = await ServerWorld.serving({ settings: developing, options: { files } })
  await changed(world, new Error('oops'))
  assert.match(failed[0] ?? '', /oops/)
  const [broken] = world.of('app_broken')
  assert.match(broken?.error.message ?? '', /^the config cannot be loaded: /)
  assert.equal(world.of('reload_failed').length, 0)
  const shows = world.slot(0).start.boot.broken?.message ?? ''
  assert.match(shows, /^the config cannot be loaded/)
  await world.endOrdered()
  await world.boot()
  assert.equal(world.of('restarted').length, 0, 'it is broken')
  await changed(world, generationOf(2, { settings: developing }))
  await world.endOrdered()
  await world.boot()
  assert.equal(world.of('restarted').length, 1)
  assert.equal(world.slot(0).start.boot.broken, undefined)
})

test('an app that cannot boot is reported once for all its workers', async () => {
  const world = await ServerWorld.serving({ settings: developing })
  await changed(world, generationOf(2, { settings: developing }))
  const booting = world.system.living.filter(({ generation }) => generation === 2)
  for (const process of booting) await world.says(process, { type: 'broken', error })
  assert.equal(world.of('app_broken').length, 1)
  await world.boot(booting)
  assert.equal(world.of('restarted').length, 0)
})

test('a worker that dies before it is ready is followed by one that shows why', async () => {
  const world = await ServerWorld.serving({ settings: developing })
  await changed(world, generationOf(2, { settings: developing }))
  await world.dies(world.slot(0), { code: 1, lastLines: ['Error: no key', '  at a.ts:1'] })
  const [broken] = world.of('app_broken')
  assert.equal(broken?.error.message, 'a worker did not become ready: it exited with code 1 (Error: no key)')
  assert.equal(broken?.error.stack, 'Error: no key\n  at a.ts:1')
  assert.equal(world.slot(0).start.boot.broken?.message, broken?.error.message)
  await world.dies(world.slot(1), { code: 1 })
  assert.equal(world.of('app_broken').length, 1, 'the workers after it show it already')
})

test('the page shows the uncaught error of such a worker, the log has it already', async () => {
  const world = await ServerWorld.serving({ settings: developing })
  await changed(world, generationOf(2, { settings: developing }))
  const fault = { message: 'no key', stack: 'Error: no key\n  at a.ts:1' }
  await world.says(world.slot(0), { type: 'fault', error: fault })
  await world.dies(world.slot(0), { code: 1, lastLines: ['something else'] })
  const message = 'a worker did not become ready: it exited with code 1 (Error: no key)'
  assert.deepEqual(world.of('app_broken')[0]?.error, { message, stack: '' })
  assert.deepEqual(world.slot(0).start.boot.broken, { message, stack: fault.stack })
})

test('without the setting a file that changed has no owner, and a failed boot is tried again', async () => {
  const world = await ServerWorld.serving({ settings: { workers: 1 } })
  await world.pass(1500)
  await world.dies(world.slot(0), { code: 1 })
  await world.dies(world.slot(0), { code: 1 })
  assert.equal(world.of('app_broken').length, 0)
})

test('files that a worker loads are watched, except those of a worker that leaves', async () => {
  const seen: unknown[] = []
  const files: FileWatcher = { saw: (each) => void seen.push(each), loadFailed: () => undefined }
  const world = await ServerWorld.serving({ settings: developing, options: { files } })
  const loaded = [{ path: '/srv/a.ts', mtime: 5 }]
  await world.says(world.slot(0), { type: 'loaded_files', files: loaded })
  assert.deepEqual(seen, [loaded])
  const old = world.slot(0)
  world.queue.put({ type: 'files_changing' })
  await world.settle()
  await world.says(old, { type: 'loaded_files', files: loaded })
  assert.equal(seen.length, 1)
})

test('a reload in progress has nothing to go back to after a change', async () => {
  const world = await ServerWorld.serving({ settings: developing })
  await world.reload(generationOf(2, { settings: developing }))
  await changed(world, generationOf(3, { settings: developing }))
  await world.endOrdered()
  await world.boot()
  await world.endOrdered()
  assert.deepEqual([world.arbiter.view.generation, world.of('restarted').length], [3, 1])
  assert.deepEqual([...world.discarded].sort(), [1, 2])
})
