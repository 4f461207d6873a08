// The worker class `async`: a gate and a service on a real socket.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { bindTcp } from '../../../../src/os/system/handles.ts'
import { loadNative } from '../../../../src/os/system/native.ts'
import { workerClasses } from '../../../../src/serving/classes/table.ts'
import type { ServeOptions, Serving } from '../../../../src/serving/classes/worker-class.ts'
import { noClientLimits } from '../fakes.ts'
import { Client, get } from '../http-client.ts'

interface Setup {
  readonly serving: Serving
  readonly server: Server
  client(): Promise<Client>
}

function setup(t: TestContext, more: Partial<ServeOptions> = {}): Setup {
  const handle = bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false })
  const native = loadNative()
  assert.ok(!(native instanceof Error))
  native.listen(handle.fd, 16)
  const clients: Client[] = []
  const serving = workerClasses.async({
    app: { kind: 'listener', handle: (_, response) => void response.end('hello') },
    listeners: [{ fd: native.dup(handle.fd), url: 'test', isShared: true }],
    backlog: 16,
    keepAlive: 60_000,
    clientLimits: noClientLimits,
    connectionLimit: 100,
    writeAccess: undefined,
    requestHooks: undefined,
    requestLimit: undefined,
    probe: undefined,
    board: undefined,
    report: assert.ifError,
    onNoGate: assert.fail,
    onShortage: assert.fail,
    onFull: () => assert.fail(),
    ...more,
  })
  t.after(async () => {
    await serving.drain({ within: 0, last: false, onShut: () => undefined })
    for (const { socket } of clients) socket.destroy()
    handle.close()
  })
  const client = async (): Promise<Client> => {
    const made = new Client(connect(handle.name.port ?? 0, '127.0.0.1'))
    clients.push(made)
    await once(made.socket, 'connect')
    return made
  }
  const { server } = serving
  assert.ok(server)
  return { serving, server, client }
}

test('it serves what it accepts, and watches over slow requests from then on', async (t) => {
  const { serving, server, client } = setup(t)
  const listening = once(server, 'listening')
  await serving.listen()
  await listening
  assert.match(await (await client()).send(get('/')).receive('hello'), /^HTTP\/1\.1 200 /)
  const { requests, busy, connections } = serving.load()
  assert.deepEqual([requests, busy, connections, serving.inFlight()], [1, 0, 1, []])
})

test('a full worker takes the next connection when one closes', async (t) => {
  const { serving, client } = setup(t, { connectionLimit: 1 })
  await serving.listen()
  const first = (await client()).send(get('/'))
  await first.receive('hello')
  const second = (await client()).send(get('/'))
  first.socket.destroy()
  assert.match(await second.receive('hello'), /^HTTP\/1\.1 200 /)
  assert.equal(serving.load().connections, 1)
})

test('the last worker takes what waits in the queue before it shuts, others leave it', async (t) => {
  for (const last of [true, [0], false]) {
    const { serving, client } = setup(t, { connectionLimit: 1 })
    await serving.listen()
    const first = (await client()).send(get('/'))
    await first.receive('hello')
    const waiting = (await client()).send(get('/'))
    const events: string[] = []
    const onShut = (): void => void events.push(`shut after ${serving.load().requests}`)
    const drained = serving.drain({ within: 10_000, last, hurry: true, onShut })
    if (last !== false) assert.match(await waiting.receive('hello'), /^HTTP\/1\.1 200 /)
    assert.deepEqual(await drained, [])
    assert.deepEqual(events, [last === false ? 'shut after 1' : 'shut after 2'])
  }
})

test(
  'the path of health_check fails after `unready`, and the requests in flight can be ' + 'logged',
  async (t) => {
    const lines: string[] = []
    const { serving, server, client } = setup(t, {
      app: { kind: 'listener', handle: () => undefined },
      writeAccess: {
        begin: () => undefined,
        finish: ({ req }) => void lines.push(req.url ?? ''),
        invalid: assert.fail,
        upgraded: assert.fail,
        refused: () => assert.fail(),
        stream: () => assert.fail(),
      },
    })
    await serving.listen()
    serving.unready('/ready')
    assert.match(await (await client()).send(get('/ready')).receive('stopping'), /^HTTP\/1\.1 503 /)
    const hanging = await client()
    const requested = once(server, 'request')
    hanging.send(get('/hang'))
    await requested
    serving.logInFlight()
    assert.deepEqual(lines, ['/ready', '/hang'])
  },
)
