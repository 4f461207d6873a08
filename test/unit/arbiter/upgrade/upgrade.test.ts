// The upgrade, as the old arbiter and as the new one see it, without processes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { ArbiterCommand } from '../../../../src/arbiter/model/commands.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { Upgrade, type UpgradeOptions, type UpgradeSystem } from '../../../../src/arbiter/upgrade/upgrade.ts'
import { generationOf, socketOf } from '../world/generations.ts'

type Handlers = Parameters<UpgradeSystem['start']>[2]
type Started = Parameters<UpgradeSystem['start']>

const command = {
  program: 'node',
  words: ['tsgun.js'],
  script: 'tsgun.js',
  directory: '/srv',
  environment: { A: '1' },
}
const predecessor = { pid: 66, tell: 3, life: 4, sockets: [], locks: [], bus: undefined }

class UpgradeWorld {
  readonly commands: ArbiterCommand[] = []
  readonly events: ArbiterEvent[] = []
  readonly done: string[] = []
  readonly started: Started[] = []
  readonly upgrade: Upgrade
  problem: Error | undefined
  oldExits: () => void = () => undefined

  constructor(changes: Partial<UpgradeOptions> = {}) {
    this.upgrade = new Upgrade({
      command,
      predecessor: undefined,
      commands: { put: (each) => void this.commands.push(each) },
      emit: (event) => void this.events.push(event),
      system: {
        findNext: (found) =>
          this.problem
            ? Promise.reject(this.problem)
            : Promise.resolve({ command: found, executable: '/bin/node' }),
        start: (...started) => {
          this.started.push(started)
          return Promise.resolve(77)
        },
        watchLife: (fd, onExit) => {
          this.done.push(`watch ${fd}`)
          this.oldExits = onExit
        },
      },
      home: () => '/srv/node_modules/tsgun',
      share: (served) => served,
      locks: () => [],
      onPromoted: (from) => void this.done.push(`promoted ${from}`),
      onAlone: () => void this.done.push('alone'),
      ...changes,
    })
  }

  /** Begins an upgrade, and handles what comes of it. */
  async begin(settings = {}): Promise<Handlers | undefined> {
    const generation = generationOf(1, { settings, listeners: [socketOf('unix:/a')] })
    this.upgrade.begin(generation, Promise.resolve())
    await this.handle()
    return this.started[0]?.[2]
  }

  /** Handles the commands as the loop does. */
  async handle(): Promise<void> {
    for (let round = 0; round < 4; round += 1) {
      await turn()
      for (const each of this.commands.splice(0)) if (each.type === 'upgrade') this.upgrade.apply(each.note)
    }
  }
}

test('the new arbiter is started with the same words and sockets, and serves beside the old one', async () => {
  const world = new UpgradeWorld()
  assert.deepEqual(
    [world.upgrade.isShared, world.upgrade.suffix, world.upgrade.refusal],
    [false, '', undefined],
  )
  const handlers = await world.begin()
  const [given, options] = world.started[0] ?? []
  assert.deepEqual(given?.words, ['tsgun.js'])
  assert.match(given?.environment['TSGUN_UPGRADE'] ?? '', /"pid":\d+.*unix:\/a/)
  assert.deepEqual(options, {
    executable: '/bin/node',
    sockets: [0],
    detached: false,
    intermediate: undefined,
  })
  assert.deepEqual(world.events, [{ type: 'upgrading', pid: 77 }])
  assert.equal(world.upgrade.isShared, true)
  assert.equal(world.upgrade.refusal, 'a new master is running already (pid 77)')
  handlers?.onLine('{"pid":77}')
  await world.handle()
  assert.deepEqual(world.events.at(-1), { type: 'upgraded', pid: 77 })
  handlers?.onEnd(0, null)
  await world.handle()
  assert.deepEqual(world.events.at(-1), { type: 'upgrade_reverted', pid: 77 })
  assert.deepEqual([world.upgrade.isShared, world.upgrade.refusal, world.done], [false, undefined, ['alone']])
})

test('under systemd an intermediate process starts it; a daemon is detached', async () => {
  const world = new UpgradeWorld({ command: { ...command, environment: { NOTIFY_SOCKET: '/run/n' } } })
  await world.begin({ daemon: true })
  const [, options] = world.started[0] ?? []
  assert.equal(options?.detached, true)
  assert.match(options.intermediate ?? '', /spawn-intermediate\.js$/)
})

test('a new arbiter that does not serve says why, or its exit does', async () => {
  const reasonOf = async (act: (handlers: Handlers) => void): Promise<unknown> => {
    const world = new UpgradeWorld()
    const handlers = await world.begin()
    assert.ok(handlers)
    act(handlers)
    await world.handle()
    const last = world.events.at(-1)
    return last?.type === 'upgrade_failed' ? last.reason : last
  }
  const seeOutput = 'without a reason; its standard error may have one'
  assert.equal(
    await reasonOf(({ onLine, onEnd }) => (onLine('{"failed":"no app"}'), onEnd(4, null))),
    'no app',
  )
  assert.equal(
    await reasonOf(({ onEnd }) => onEnd(4, null)),
    `the new master exited with code 4 ${seeOutput}`,
  )
  assert.equal(
    await reasonOf(({ onEnd }) => onEnd(0, null)),
    'the new master was stopped before its workers served',
  )
  assert.equal(
    await reasonOf(({ onEnd }) => onEnd(null, 'SIGKILL')),
    'the new master was ended by SIGKILL before its workers served',
  )
  assert.equal(await reasonOf(({ onEnd }) => onEnd(null, null)), `the new master has exited ${seeOutput}`)
  const garbage = await reasonOf(({ onLine, onEnd }) => (onLine('hello'), onEnd(1, null)))
  assert.match(String(garbage), /^it sent "hello": it is not JSON$/)
})

test('a program that cannot run fails the upgrade, and the next one may begin', async () => {
  const world = new UpgradeWorld()
  world.problem = new Error('there is no program node')
  await world.begin()
  assert.deepEqual(world.events, [{ type: 'upgrade_failed', reason: 'there is no program node' }])
  assert.deepEqual([world.upgrade.refusal, world.upgrade.isShared, world.done], [undefined, false, ['alone']])
})

test('while it is being started no other upgrade begins', () => {
  const world = new UpgradeWorld()
  world.upgrade.begin(generationOf(1), new Promise(() => undefined))
  assert.equal(world.upgrade.refusal, 'a new master is running already')
  assert.equal(world.upgrade.isShared, true)
})

test('the new arbiter shares sockets and has a suffix until the old one has exited, then it is promoted once', async () => {
  const world = new UpgradeWorld({ predecessor })
  assert.deepEqual([world.upgrade.isShared, world.upgrade.suffix, world.done], [true, '.2', ['watch 4']])
  assert.match(
    world.upgrade.refusal ?? '',
    /the new one of an upgrade, and the old one still runs \(pid 66\)/,
  )
  world.oldExits()
  assert.deepEqual([world.upgrade.isShared, world.upgrade.suffix], [false, ''])
  await world.handle()
  assert.deepEqual(world.events, [{ type: 'upgrade_done', from: 66 }])
  assert.deepEqual(world.done, ['watch 4', 'promoted 66', 'alone'])
  world.upgrade.apply({ what: 'alone' })
  assert.equal(world.events.length, 1)
  assert.equal(world.upgrade.refusal, undefined)
})
