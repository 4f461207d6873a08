// What holds for `plan` whatever happens: thousands of random lives of a server. The rules for each single
// step are checked by the world. A failure names its seed: TSGUN_SEED=SEED runs that one alone,
// TSGUN_SEEDS=NUMBER more than usual.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noLimits } from '../../../../src/arbiter/model/limits.ts'
import type { WorkerState } from '../../../../src/arbiter/model/worker-state.ts'
import { chanceOf, World, type Chance } from './plan-world.ts'

const eventsOfALife = 60
const alone = Number(process.env['TSGUN_SEED'] ?? 0)
const seeds =
  alone > 0
    ? [alone]
    : Array.from({ length: Number(process.env['TSGUN_SEEDS'] ?? 1000) }, (_, index) => index + 1)

type Event = (world: World) => void

const on = (world: World, states: readonly WorkerState[], act: (age: number) => void): void => {
  const worker = world.any(...states)
  if (worker) act(worker.age)
}

/** What a healthy server goes through. An event that stands twice is twice as likely. */
const usual: readonly Event[] = [
  (world) => on(world, ['spawned'], (age) => world.hello(age)),
  (world) => on(world, ['booting'], (age) => world.ready(age)),
  (world) => on(world, ['booting'], (age) => world.ready(age)),
  (world) => on(world, ['draining', 'aborting', 'killed'], (age) => world.exit(age)),
  beatAll,
  beatAll,
  (world) => world.advance(world.pick(200)),
]

const troubles: readonly Event[] = [
  (world) => on(world, ['spawned', 'booting'], (age) => world.exit(age)),
  (world) => on(world, ['ready'], (age) => world.exit(age)),
  (world) => world.advance(world.pick(3000)),
  (world) => world.advance(Math.max(0, (world.nextMoment ?? world.now) - world.now)),
  (world) => world.reload(),
  (world) => world.scale(world.pick(6)),
]

function beatAll(world: World): void {
  for (const worker of world.roster.inState('ready'))
    if (world.pick(8) > 0) world.beat(worker, world.pick(20))
}

/** Some lives are quiet, so that recycling has its turn, and some are full of troubles. */
function live(chance: Chance): World {
  const world = new World(chance)
  const share = [0.03, 0.2, 0.5][world.pick(3)] ?? 0
  for (let step = 0; step < eventsOfALife; step += 1) {
    const events = chance() < share ? troubles : usual
    events[world.pick(events.length)]?.(world)
    world.settle()
  }
  return world
}

/** From now on every boot succeeds, every worker beats and follows its orders, and time passes. */
function calmDown(world: World, isDone: () => boolean): void {
  for (let step = 0; step < 400 && !isDone(); step += 1) {
    for (const { age } of world.roster.inState('draining', 'aborting', 'killed')) world.exit(age)
    for (const { age } of world.roster.inState('booting')) world.ready(age)
    for (const { age } of world.roster.inState('spawned')) world.hello(age)
    for (const worker of world.roster.inState('ready')) world.beat({ ...worker, limits: noLimits }, 0)
    world.settle()
    world.advance(200)
  }
}

function forEachSeed(check: (world: World) => void): void {
  for (const seed of seeds) {
    try {
      check(live(chanceOf(seed)))
    } catch (error) {
      throw new Error(`TSGUN_SEED=${seed}: ${error instanceof Error ? error.message : String(error)}`, {
        cause: error,
      })
    }
  }
}

test(
  'whatever happens, once it is calm each slot has one ready worker of the wanted generation, none is ' +
    'due, and no other lives',
  () => {
    forEachSeed((world) => {
      const isDone = (): boolean => {
        const workers = world.roster.all()
        return (
          workers.length === world.target &&
          workers.every(
            ({ state, generation, nr, due }) =>
              state === 'ready' && generation === world.generation && nr < world.target && due === null,
          ) &&
          new Set(workers.map(({ nr }) => nr)).size === world.target
        )
      }
      calmDown(world, isDone)
      assert.ok(isDone(), world.describe())
    })
  },
)

test(
  'whatever happens, a stop leaves no worker behind and starts none, also when each has to be ' + 'killed',
  () => {
    forEachSeed((world) => {
      world.stop()
      for (let step = 0; step < 50 && world.roster.all().length > 0; step += 1) {
        world.settle()
        for (const { age } of world.roster.inState('killed')) world.exit(age)
        world.advance(Math.max(0, (world.nextMoment ?? world.now) - world.now))
      }
      assert.deepEqual([...world.processes], [])
    })
  },
)
