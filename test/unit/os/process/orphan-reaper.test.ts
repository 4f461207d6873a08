import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrphanReaper } from '../../../../src/os/process/orphan-reaper.ts'
import type { Zombie } from '../../../../src/os/system/zombies.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

interface Scene {
  readonly clock: FakeClock
  readonly reaper: OrphanReaper
  zombies: Zombie[]
  readonly reaped: number[]
  /** How often it has looked. */
  looks: number
}

function scene(): Scene {
  const clock = new FakeClock()
  const made: Omit<Scene, 'reaper'> = { clock, zombies: [], reaped: [], looks: 0 }
  const reaper = new OrphanReaper({
    clock,
    findZombies() {
      result.looks += 1
      return result.zombies
    },
    reap(pid) {
      result.reaped.push(pid)
      result.zombies = result.zombies.filter((each) => each.pid !== pid)
    },
    nextTurn: (step) => step(),
  })
  const result: Scene = { ...made, reaper }
  return result
}

const zombie = (pid: number, startedAt = 1): Zombie => ({ pid, startedAt })

test('a zombie that is still there a second later was started by another process, and is reaped', () => {
  const it = scene()
  it.zombies = [zombie(7), zombie(8)]
  it.clock.advance(1000)
  assert.deepEqual(it.reaped, [])
  it.zombies.push(zombie(9))
  it.clock.advance(1000)
  assert.deepEqual(it.reaped, [7, 8])
  it.clock.advance(1000)
  assert.deepEqual(it.reaped, [7, 8, 9])
})

test('a zombie that its starter waits for meanwhile is left alone, also if its number is used again', () => {
  const it = scene()
  it.zombies = [zombie(7)]
  it.clock.advance(1000)
  it.zombies = [zombie(7, 2)]
  it.clock.advance(1000)
  assert.deepEqual(it.reaped, [])
  it.zombies = []
  it.clock.advance(1000)
  assert.deepEqual(it.reaped, [])
})

test('it looks within a second of an exit, however many there are, and otherwise once a minute', () => {
  const it = scene()
  it.clock.advance(1000)
  assert.equal(it.looks, 1, 'at the start')
  it.clock.advance(59_999)
  assert.equal(it.looks, 1)
  it.clock.advance(1)
  assert.equal(it.looks, 2)
  for (let exits = 0; exits < 10; exits += 1) {
    it.reaper.wake()
    it.clock.advance(100)
  }
  assert.equal(it.looks, 3)
})

test('after its end it looks no more', () => {
  const it = scene()
  it.zombies = [zombie(7)]
  it.clock.advance(1000)
  it.reaper.stop()
  it.clock.advance(120_000)
  assert.deepEqual([it.looks, it.reaped], [1, []])
})
