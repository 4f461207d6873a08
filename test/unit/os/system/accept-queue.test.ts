// The registration of a listening socket with the event loop, on a real socket: it can be taken away and put
// back below libuv, and closing the server is possible in both states.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { openAcceptQueue, type AcceptQueue } from '../../../../src/os/system/accept-queue.ts'
import { bindTcp } from '../../../../src/os/system/handles.ts'

interface Setup {
  readonly queue: AcceptQueue
  readonly fd: number
  readonly accepted: Socket[]
  /** Connects, and resolves when the kernel has completed the connection. */
  client(): Promise<Socket>
  close(): Promise<unknown>
}

async function setup(t: TestContext): Promise<Setup> {
  const queue = openAcceptQueue()
  assert.ok(!(queue instanceof Error))
  const { fd } = bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false })
  const accepted: Socket[] = []
  const server = createServer((socket) => accepted.push(socket)).listen({ fd })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  const close = (): Promise<unknown> => {
    for (const socket of accepted) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  }
  t.after(() => server.listening && close())
  await nextTurn()
  await nextTurn()
  const client = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined)
    t.after(() => socket.destroy())
    await once(socket, 'connect')
    return socket
  }
  return { queue, fd, accepted, client, close }
}

test('a socket that was left has no connection accepted before it is joined again', async (t) => {
  const { queue, fd, accepted, client } = await setup(t)
  await client()
  while (accepted.length < 1) await nextTurn()
  for (let time = 2; time < 5; time += 1) {
    assert.equal(queue.leave(fd), true)
    assert.equal(queue.leave(fd), false, 'it is left already')
    await client()
    await delay(20)
    assert.equal(accepted.length, time - 1)
    assert.equal(queue.join(fd), true)
    while (accepted.length < time) await nextTurn()
  }
})

test('a server can be closed while its socket is left', async (t) => {
  const { queue, fd, close } = await setup(t)
  assert.equal(queue.leave(fd), true)
  await close()
  assert.equal(queue.leave(fd), false)
})

test('a descriptor that the event loop does not wait for cannot be left', async (t) => {
  const { queue } = await setup(t)
  assert.equal(queue.leave(999_999), false)
})
