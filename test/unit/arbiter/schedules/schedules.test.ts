// Schedules in a whole arbiter without processes, under a fake clock: a thousand times through reloads, clock
// jumps, long runs and deaths, each at most once.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ScheduleTimes } from '../../../../src/config/sources/service-plans.ts'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import { parseCron } from '../../../../src/os/cron.ts'
import { generationOf, servicePlan } from '../world/generations.ts'
import { ServerWorld } from '../world/server-world.ts'
import type { FakeProcess } from '../world/fake-system.ts'

const cron = '* * * * *'
const often = '*/2 * * * * *'
const minute = 60_000

function scheduled(number: number, changes: Partial<ScheduleTimes> = {}): Generation {
  const generation = generationOf(number, { settings: { workers: 1 } })
  const table = parseCron(changes.cron ?? cron, 'UTC')
  const times: ScheduleTimes = {
    cron,
    timezone: 'UTC',
    overlap: 'skip',
    missed: 'skip',
    table,
    timeout: 0,
    ...changes,
  }
  const plan = servicePlan('clean', { kind: 'schedule', schedule: times })
  return { ...generation, config: { ...generation.config, schedules: [plan] } }
}

class ScheduleWorld extends ServerWorld {
  /** The times of the runs that have started, in their order. */
  get ran(): readonly number[] {
    return this.runs.map(({ start }) => start.boot.service?.runAt ?? 0)
  }

  get runs(): readonly FakeProcess[] {
    return this.system.processes.filter(({ start }) => start.boot.service?.runAt !== undefined)
  }

  /** Runs that live. */
  get living(): readonly FakeProcess[] {
    return this.runs.filter(({ hasEnded }) => !hasEnded)
  }

  async finish(run = this.living[0]): Promise<void> {
    run?.says({ type: 'hello' })
    run?.says({ type: 'ready' })
    run?.says({ type: 'done' })
    await this.settle()
    run?.ends({ code: 0 })
    await this.settle()
  }
}

async function start(changes: Partial<ScheduleTimes> = {}): Promise<ScheduleWorld> {
  const world = new ScheduleWorld({ options: { first: scheduled(1, changes) } })
  await world.settle()
  await world.boot()
  return world
}

const missed = (world: ServerWorld): number =>
  world.events.reduce((sum, event) => sum + (event.type === 'schedule_missed' ? event.count : 0), 0)
const skipped = (world: ServerWorld): number =>
  world.types.filter((type) => type === 'schedule_skipped').length

test('a thousand times through reloads, deaths, long runs and clock jumps: each at most once, none silent', async () => {
  const step = 2000
  const world = await start({ cron: often })
  const begun = world.system.wall()
  let chance = 7
  const next = (): number => (chance = (chance * 1103515245 + 12345) % 2 ** 31) / 2 ** 31
  let jumped = 0
  for (let tick = 0; tick < 1000; tick += 1) {
    await world.pass(step)
    const [run] = world.living
    assert.ok(world.living.length <= 1, 'two runs at once')
    const what = next()
    if (what < 0.1) {
      run?.ends({ signal: 'SIGKILL' })
      await world.settle()
    } else if (what < 0.2) {
      const ahead = Math.floor(next() * 10)
      world.system.wallAtStart += ahead * step
      jumped += ahead
    } else if (what < 0.25) {
      world.system.wallAtStart -= 3 * step
      jumped -= 3
    } else if (what < 0.3) {
      await world.reload(scheduled(world.arbiter.snapshot().pools[0].generation + 1, { cron: often }))
      await world.finishReload()
    } else if (what < 0.8) await world.finish(run)
  }
  assert.equal(new Set(world.ran).size, world.ran.length, 'one time has had two runs')
  assert.ok(world.ran.length > 300, `${world.ran.length} runs`)
  const last = Math.floor((world.notes.get('clean')?.last ?? 0) / step) - Math.floor(begun / step)
  assert.equal(world.ran.length + missed(world) + skipped(world), last, `jumps of ${jumped} times`)
})

test('overlap: skip leaves a run out, queue lets it wait, kill takes the place', async () => {
  const skip = await start()
  await skip.pass(2 * minute)
  assert.deepEqual([skip.runs.length, skipped(skip)], [1, 1])

  const queue = await start({ overlap: 'queue' })
  await queue.pass(3 * minute)
  assert.equal(queue.runs.length, 1)
  await queue.finish()
  await queue.finish()
  assert.deepEqual([queue.runs.length, skipped(queue)], [3, 0])
  await queue.pass(30 * minute)
  assert.equal(skipped(queue), 14, 'at most 16 wait')

  const kill = await start({ overlap: 'kill' })
  await kill.pass(minute)
  kill.runs[0]?.says({ type: 'hello' })
  kill.runs[0]?.says({ type: 'ready' })
  await kill.pass(minute)
  assert.deepEqual([kill.runs.length, kill.runs[0]?.orders.at(-1)], [1, 'retire'], 'never two at once')
  kill.runs[0]?.ends({ code: 0 })
  await kill.settle()
  assert.deepEqual(kill.ran.at(-1), kill.system.wall())
})

test('missed: once makes up for all with one run, and the history says how runs ended', async () => {
  const world = await start({ missed: 'once', cron: '0 3 * * *' })
  world.system.wallAtStart += 72 * 60 * minute + 5 * 60 * minute
  await world.pass(1000)
  assert.deepEqual([missed(world), world.runs.length], [4, 1])
  await world.finish()
  await world.pass(minute)
  assert.equal(world.runs.length, 1)
  const [schedule] = world.arbiter.snapshot().schedules
  assert.deepEqual(
    [schedule?.runs, schedule?.failed, schedule?.missed, schedule?.history[0]?.ok],
    [1, 0, 4, true],
  )
})

test('a run that takes too long is ended; the arbiter that stops or is the second starts none', async () => {
  const world = await start({ timeout: 90_000 })
  await world.pass(minute)
  const [run] = world.runs
  run?.says({ type: 'hello' })
  run?.says({ type: 'ready' })
  await world.pass(minute)
  assert.notEqual(run?.orders.at(-1), 'retire')
  await world.pass(31_000)
  assert.equal(run?.orders.at(-1), 'retire')
  run?.ends({ code: 0 })
  await world.settle()
  assert.equal(world.arbiter.snapshot().schedules[0]?.history[0]?.reason, 'it took longer than `timeout`')
  assert.deepEqual(await world.order({ type: 'run', schedule: 'clean' }), { taken: true })
  assert.deepEqual(await world.order({ type: 'run', schedule: 'clean' }), {
    taken: false,
    why: 'clean runs already',
  })
  assert.equal((await world.order({ type: 'run', schedule: 'cleen' })).taken, false)

  const upgrade = { refusal: undefined, isSecond: true, begin: () => undefined, apply: () => undefined }
  const second = new ScheduleWorld({ options: { first: scheduled(1), upgrade } })
  await second.settle()
  await second.boot()
  await second.pass(5 * minute)
  assert.equal(second.runs.length, 0)
  second.notes = new Map([['clean', { cron: `${cron} UTC`, last: second.system.wall() }]])
  upgrade.isSecond = false
  await second.pass(minute)
  assert.deepEqual([second.runs.length, missed(second)], [1, 0], 'it goes on where the old arbiter has ended')
})
