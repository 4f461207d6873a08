// The life of a broker, with real sockets on a path of the test and a fake clock.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { BrokerService } from '../../../../src/bus/broker/service.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'
import { eventually } from '../../../helpers/wait.ts'
import { bytesOf, framesIn, greeting, type WrittenFrame } from './wires.ts'

class World {
  readonly clock = new FakeClock()
  readonly events: string[] = []
  readonly service: BrokerService
  readonly #path: string
  isLocked = false

  constructor(t: TestContext) {
    const directory = mkdtempSync(join(tmpdir(), 'bus-service-'))
    this.#path = join(directory, 'socket')
    this.service = new BrokerService({
      clock: this.clock,
      tryLock: () => !this.isLocked,
      listen: (onSocket) => {
        this.events.push('listens')
        const server = createServer({ allowHalfOpen: true }, onSocket).listen(this.#path)
        t.after(() => server.close())
        return server
      },
      onServing: () => void this.events.push('serving'),
      onDropped: ({ greeting: { name } }, messages) => void this.events.push(`${name} ${messages}`),
    })
    t.after(() => rmSync(directory, { recursive: true, force: true }))
  }

  async client(t: TestContext, id: number, ...frames: readonly WrittenFrame[]): Promise<Peer> {
    const socket = connect(this.#path)
    await once(socket, 'connect')
    t.after(() => socket.destroy())
    socket.write(bytesOf(greeting(id), ...frames, { kind: 'sync' }))
    return new Peer(socket)
  }
}

class Peer {
  readonly socket: Socket
  readonly #kinds: string[] = []
  ended = false

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) =>
      this.#kinds.push(...framesIn(chunk).map(({ kind, text }) => kind + text)),
    )
    socket.on('end', () => (this.ended = true))
  }

  async gets(...kinds: readonly string[]): Promise<void> {
    await eventually(`${kinds.join()}, not ${this.#kinds.join()}`, () =>
      this.#kinds.length >= kinds.length ? true : undefined,
    )
    assert.deepEqual(this.#kinds.splice(0), kinds)
  }
}

test('it waits for the lock, and lets clients come back before the first message', async (t) => {
  const world = new World(t)
  world.isLocked = true
  const started = world.service.start()
  await world.clock.pass(1000)
  assert.deepEqual(world.events, [])
  world.isLocked = false
  await world.clock.pass(25)
  assert.deepEqual(world.events, ['listens', 'serving'])
  const early = await world.client(t, 1, { kind: 'subscribe', topic: 'a' })
  await eventually('the client', () => (world.service.figures().clients === 1 ? true : undefined))
  await early.gets()
  await world.clock.pass(100)
  await started
  await early.gets('sync')
  const late = await world.client(t, 2)
  await late.gets('sync')
  late.socket.write(bytesOf({ kind: 'message', topic: 'a', text: '1' }))
  await early.gets('message1')
})

test('one that ends before it has the lock never listens', async (t) => {
  const world = new World(t)
  world.isLocked = true
  const started = world.service.start()
  await world.service.end()
  world.isLocked = false
  await world.clock.pass(25)
  await started
  assert.deepEqual(world.events, [])
})

test('at its end it takes and delivers what the clients still send, and closes after them', async (t) => {
  const world = new World(t)
  const started = world.service.start()
  await world.clock.pass(100)
  await started
  const [one, two] = [await world.client(t, 1, { kind: 'subscribe', topic: 'a' }), await world.client(t, 2)]
  await Promise.all([one.gets('sync'), two.gets('sync')])
  const ended = world.service.end()
  await Promise.all([one.gets('goodbye'), two.gets('goodbye')])
  one.socket.end()
  two.socket.write(bytesOf({ kind: 'message', topic: 'a', text: 'late' }))
  await one.gets('messagelate')
  assert.equal(one.ended, false)
  two.socket.end()
  await ended
  await eventually('both ends', () => (one.ended && two.ended ? true : undefined))
})

test('a client of another version is closed, and one that is closed is forgotten', async (t) => {
  const world = new World(t)
  const started = world.service.start()
  await world.clock.pass(100)
  await started
  const stranger = await world.client(t, 1)
  await stranger.gets('sync')
  stranger.socket.write(Buffer.alloc(64, 0xff))
  await once(stranger.socket, 'close')
  const leaving = await world.client(t, 2, { kind: 'subscribe', topic: 'a' })
  await leaving.gets('sync')
  leaving.socket.end()
  await eventually('no client', () => (world.service.figures().clients === 0 ? true : undefined))
  assert.equal(world.service.figures().subscriptions, 0)
})

test('a client that does not leave does not keep the broker', async (t) => {
  const world = new World(t)
  const started = world.service.start()
  await world.clock.pass(100)
  await started
  const client = await world.client(t, 1)
  await client.gets('sync')
  client.socket.pause()
  await Promise.race([
    world.service.end(),
    delay(30_000, undefined, { ref: false }).then(() => assert.fail('it waits')),
  ])
})
