// When descriptors run out, and what is reported of it.

import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { test } from 'node:test'
import { isNear, Shortage, type DescriptorCalls } from '../../../../src/serving/accept/shortage.ts'

const errorOf = (code: string): Error => Object.assign(new Error(code), { code })

interface Setup {
  readonly shortage: Shortage
  readonly events: string[]
  /** Milliseconds, and the limit of descriptors. */
  readonly world: { now: number; limit: number; error: Error | undefined }
}

function setup(): Setup {
  const events: string[] = []
  const world: Setup['world'] = { now: 0, limit: 1_000_000, error: undefined }
  const native: DescriptorCalls = {
    dup: () => {
      if (world.error) throw world.error
      return openSync('/dev/null', 'r')
    },
    close: closeSync,
    descriptorLimit: () => world.limit,
  }
  const options = {
    report: (reason: string) => void events.push(reason),
    close: () => void events.push('close'),
    open: () => void events.push('open'),
  }
  return { shortage: new Shortage(options, native, () => world.now), events, world }
}

test('32 descriptors are left to the app, of a low limit a quarter', () => {
  assert.deepEqual([isNear(991, 1024), isNear(992, 1024), isNear(993, 1024)], [false, true, true])
  assert.deepEqual([isNear(47, 63), isNear(48, 63), isNear(49, 64)], [false, true, true])
  assert.equal(isNear(47, 64), false)
})

test('the gate is closed when descriptors run out, and opened when some are free again', () => {
  const { shortage, events, world } = setup()
  shortage.check(0)
  assert.deepEqual([shortage.lasts, events], [false, []])
  world.limit = 0
  shortage.check(0)
  shortage.check(0)
  assert.equal(shortage.lasts, true)
  assert.equal(events.length, 2)
  assert.match(events[0] ?? '', /no file descriptor is free in this process \(EMFILE\).*ulimit -n/)
  assert.equal(events[1], 'close')
  world.limit = 1_000_000
  shortage.check(0)
  shortage.check(0)
  assert.deepEqual([shortage.lasts, events.slice(2)], [false, ['open']])
})

test('that no duplicate can be made is a shortage when it is for want of descriptors', () => {
  const { shortage, world } = setup()
  world.error = errorOf('EBADF')
  shortage.check(0)
  assert.equal(shortage.lasts, false)
  world.error = errorOf('EMFILE')
  shortage.check(0)
  assert.equal(shortage.lasts, true)
})

test('a shortage that comes again within a minute of the last one is not reported again', () => {
  const { shortage, events, world } = setup()
  const reports = (): number => events.filter((event) => event.includes('EMFILE')).length
  const comeAndGo = (): void => {
    world.limit = 0
    shortage.check(0)
    world.limit = 1_000_000
    shortage.check(0)
  }
  comeAndGo()
  world.now = 59_999
  comeAndGo()
  assert.equal(reports(), 1)
  world.now = 119_998
  comeAndGo()
  assert.equal(reports(), 1, 'it counts from the last shortage')
  world.now = 179_998
  comeAndGo()
  assert.equal(reports(), 2)
})

test('errors of accept(2) are handled when they mean a shortage, and no others', () => {
  const { shortage, events } = setup()
  assert.equal(shortage.handle(errorOf('EINVAL')), false)
  assert.deepEqual([shortage.lasts, events], [false, []])
  assert.equal(shortage.handle(errorOf('ENFILE')), true)
  assert.equal(shortage.handle(errorOf('ENFILE')), true)
  assert.match(events[0] ?? '', /fs\.file-max/)
  assert.deepEqual([shortage.lasts, events.slice(1)], [true, ['close']])
})

test('without the calls of the system descriptors are not checked', () => {
  const shortage = new Shortage(
    { report: assert.fail, close: assert.fail, open: assert.fail },
    new Error('none'),
  )
  shortage.check(0)
  assert.equal(shortage.lasts, false)
})
