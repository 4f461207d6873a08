// The gate on a real socket: it keeps its limit, opens again, takes what waits, and leaves no descriptor
// behind.

import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { bindTcp } from '../../../../src/os/system/handles.ts'
import { loadNative, type NativeCalls } from '../../../../src/os/system/native.ts'
import { Gate, type GateOptions } from '../../../../src/serving/accept/gate.ts'

interface Setup {
  readonly gate: Gate
  readonly accepted: Socket[]
  readonly open: Set<Socket>
  /** A client, once the kernel has completed its connection. */
  client(): Promise<Socket>
}

function nativeCalls(): NativeCalls {
  const native = loadNative()
  assert.ok(!(native instanceof Error))
  return native
}

/** A gate on a real socket. */
function setup(t: TestContext, limit: number, options: Partial<GateOptions> = {}): Setup {
  const handle = bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false })
  const native = nativeCalls()
  native.listen(handle.fd, 16)
  const accepted: Socket[] = []
  const open = new Set<Socket>()
  const clients: Socket[] = []
  const gate = new Gate({
    targets: [{ fd: native.dup(handle.fd), url: 'test', isShared: true }],
    backlog: 16,
    limit,
    open: () => open.size,
    onConnection(socket) {
      accepted.push(socket)
      open.add(socket)
      socket.resume().on('close', () => {
        open.delete(socket)
        void gate.relax()
      })
      socket.on('error', () => undefined)
    },
    onError: assert.ifError,
    onNoGate: assert.fail,
    onShortage: assert.fail,
    onFull: () => assert.fail(),
    ...options,
  })
  t.after(() => {
    gate.shut()
    for (const socket of [...clients, ...accepted]) socket.destroy()
    handle.close()
  })
  const client = async (): Promise<Socket> => {
    const socket = connect(handle.name.port ?? 0, '127.0.0.1').on('error', () => undefined)
    clients.push(socket)
    await once(socket, 'connect')
    return socket
  }
  return { gate, accepted, open, client }
}

async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 60_000
  while (!condition()) {
    assert.ok(performance.now() < giveUpAt, 'waited too long')
    await delay(2)
  }
}

test('a full gate takes no more connections, and the next one as soon as one ends', async (t) => {
  const { gate, accepted, open, client } = setup(t, 2)
  await gate.listen()
  for (let number = 0; number < 5; number += 1) await client()
  await until(() => accepted.length === 2)
  await delay(20)
  assert.equal(accepted.length, 2)
  for (let taken = 3; taken <= 5; taken += 1) {
    accepted[taken - 3]?.destroy()
    await until(() => accepted.length === taken)
    assert.ok(open.size <= 2)
  }
})

test(
  'a gate that is shut for good takes nothing, even if a connection ends, and keeps no ' + 'descriptor',
  async (t) => {
    const { gate, accepted, client } = setup(t, 1)
    const before = readdirSync('/proc/self/fd').length
    await gate.listen()
    await client()
    await until(() => accepted.length === 1)
    gate.shut()
    gate.shut()
    accepted[0]?.destroy()
    await client()
    await delay(30)
    assert.equal(accepted.length, 1)
    // the two clients; the gate's own descriptor and its spare one are closed, and it had one before it
    // listened
    const sockets = 2
    await until(() => readdirSync('/proc/self/fd').length <= before - 1 + sockets)
  },
)

test(
  'what waits in the queue is taken before the gate is shut, also what is beyond the limit, as room ' +
    'comes',
  async (t) => {
    for (const limit of [100, 2]) {
      const { gate, accepted, client } = setup(t, limit)
      for (let number = 0; number < 10; number += 1) await client()
      await gate.listen()
      const closing = setInterval(() => accepted.find((socket) => !socket.destroyed)?.destroy(), 2)
      await gate.takeWaiting(60_000)
      clearInterval(closing)
      gate.shut()
      assert.equal(accepted.length, 10, `with limit ${limit}`)
    }
  },
)

test('taking what waits ends when its time is up, and at once when nothing waits', async (t) => {
  const { gate, accepted, client } = setup(t, 1)
  await gate.listen()
  const began = performance.now()
  await gate.takeWaiting(600_000)
  assert.ok(performance.now() - began < 60_000)
  await client()
  await client()
  await until(() => accepted.length === 1)
  await gate.takeWaiting(50)
  assert.equal(accepted.length, 1, 'no connection has closed')
})

test(
  'a gate that takes what waits on one of its sockets leaves the other one to its siblings, and keeps ' +
    'no descriptor of it',
  async (t) => {
    for (const limit of [100, 1]) {
      const native = loadNative()
      assert.ok(!(native instanceof Error))
      const handles = [0, 1].map(() =>
        bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false }),
      )
      for (const { fd } of handles) native.listen(fd, 16)
      const accepted: Socket[] = []
      const open = new Set<Socket>()
      const ports: (readonly [number | undefined, number | undefined])[] = []
      const gate = new Gate({
        targets: handles.map(({ fd }) => ({ fd: native.dup(fd), url: 'test', isShared: true })),
        backlog: 16,
        limit,
        open: () => open.size,
        onError: assert.ifError,
        onNoGate: assert.fail,
        onShortage: assert.fail,
        onFull: () => assert.fail(),
        onConnection(socket) {
          accepted.push(socket)
          ports.push([socket.localPort, socket.remotePort])
          open.add(socket)
          socket.resume().on('close', () => {
            open.delete(socket)
            void gate.relax()
          })
        },
      })
      const clients = handles.map(({ name }) =>
        connect(name.port ?? 0, '127.0.0.1').on('error', () => undefined),
      )
      t.after(() => {
        gate.shut()
        for (const socket of [...clients, ...accepted]) socket.destroy()
        for (const handle of handles) handle.close()
      })
      await Promise.all(clients.map((client) => once(client, 'connect')))
      await gate.listen()
      const closing = setInterval(() => accepted.find((socket) => !socket.destroyed)?.destroy(), 2)
      await gate.takeWaiting(5000, [1])
      const late = connect(handles[0]?.name.port ?? 0, '127.0.0.1').on('error', () => undefined)
      clients.push(late)
      await once(late, 'connect')
      await delay(30)
      clearInterval(closing)
      assert.ok(ports.some(([own]) => own === handles[1]?.name.port))
      assert.ok(!ports.some(([, theirs]) => theirs === late.localPort), `with limit ${limit}`)
      gate.shut()
    }
  },
)

interface FakeNative extends Setup {
  readonly reasons: string[]
  readonly world: { limit: number }
}

/** A gate on a real socket whose descriptors run out when the test says so. */
function withNative(t: TestContext, limit: number, missing?: Error): FakeNative {
  const reasons: string[] = []
  const world = { limit: 1_000_000 }
  const note = (reason: string): void => void reasons.push(reason)
  const native = missing ?? { ...nativeCalls(), descriptorLimit: () => world.limit }
  return {
    ...setup(t, limit, { onNoGate: note, onShortage: note, onFull: () => note('full'), native }),
    reasons,
    world,
  }
}

test('without the calls of the system the limit cannot be kept, which is reported once', async (t) => {
  const { gate, accepted, client, reasons } = withNative(t, 1, new Error('no koffi'))
  await gate.listen()
  for (let number = 1; number <= 3; number += 1) {
    await client()
    await until(() => accepted.length === number)
  }
  assert.deepEqual(reasons, ['no koffi'])
  assert.ok(accepted.every(({ allowHalfOpen }) => allowHalfOpen))
  assert.equal(gate.mayOpen, false)
})

test('when descriptors run out it accepts nothing until some are free again', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { gate, accepted, client, reasons, world } = withNative(t, 100)
  await gate.listen()
  world.limit = 0
  for (let number = 1; number <= 7; number += 1) {
    await client()
    await until(() => accepted.length === number)
  }
  assert.deepEqual(reasons, [], 'checked with every eighth connection')
  await client()
  await until(() => accepted.length === 8)
  assert.match(reasons[0] ?? '', /EMFILE/)
  await client()
  t.mock.timers.tick(500)
  await delay(20)
  assert.deepEqual([accepted.length, gate.mayOpen, reasons.length], [8, false, 1])
  world.limit = 1_000_000
  t.mock.timers.tick(499)
  assert.equal(gate.mayOpen, false)
  t.mock.timers.tick(1)
  await until(() => accepted.length === 9)
})

test('a full gate may open when there is room, and not after it was shut', async (t) => {
  const { gate, accepted, open, client } = withNative(t, 1)
  await gate.listen()
  assert.equal(gate.mayOpen, false, 'it is open')
  await client()
  await until(() => accepted.length === 1)
  assert.equal(gate.mayOpen, false)
  open.clear()
  assert.equal(gate.mayOpen, true)
  gate.shut()
  assert.equal(gate.mayOpen, false)
})
