// The HTTP service on real connections that the test accepts: what it counts, logs, refuses, and how it ends.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Board } from '../../../../src/serving/connections/board.ts'
import type { HttpOptions } from '../../../../src/serving/http/options.ts'
import { HttpService } from '../../../../src/serving/http/service.ts'
import type { WriteAccess } from '../../../../src/serving/records/access.ts'
import { Probe } from '../../../../src/serving/requests/probe.ts'
import { noClientLimits } from '../fakes.ts'
import { get, listenFor, type Client } from '../http-client.ts'

interface Setup {
  readonly service: HttpService
  readonly server: Server
  /** What was logged and called, in its order. */
  readonly events: string[]
  connect(): Promise<Client>
}

const hello: RequestListener = (_, response) => void response.end('hello')

function writeAccess(events: string[]): WriteAccess {
  return {
    begin: ({ req }) => void events.push(`begin ${req.url}`),
    finish: ({ req, statusCode }) => void events.push(`finish ${req.url} ${statusCode}`),
    invalid: (_, status) => void events.push(`invalid ${status}`),
    refused: ({ url }, _, status) => void events.push(`refused ${url} ${status}`),
    stream: (_, headers) => {
      events.push(`begin ${headers[':path']}`)
      return () => void events.push(`finish ${headers[':path']}`)
    },
    upgraded: ({ url }) => void events.push(`upgraded ${url}`),
  }
}

async function setup(
  t: TestContext,
  handle: RequestListener = hello,
  more: Partial<HttpOptions> = {},
): Promise<Setup> {
  const events: string[] = []
  const options: HttpOptions = {
    app: { kind: 'listener', handle },
    keepAlive: 60_000,
    clientLimits: noClientLimits,
    writeAccess: writeAccess(events),
    requestHooks: undefined,
    requestLimit: undefined,
    probe: undefined,
    board: undefined,
    report: assert.ifError,
    ...more,
  }
  const service = new HttpService(options, () => void events.push(`closed, ${service.open} open`))
  const connect = await listenFor(t, (socket) => service.serve(socket))
  const { server } = service
  assert.ok(server)
  return { service, server, events, connect }
}

test('a request is counted and logged from its head to the end of its response', async (t) => {
  const board = new Board()
  const open: (() => void)[] = []
  const { service, events, connect, server } = await setup(
    t,
    (_, response) => open.push(() => response.end('hello')),
    {
      board,
    },
  )
  const client = (await connect()).send(get('/a'))
  await once(server, 'request')
  assert.deepEqual(service.load(), { requests: 0, busy: 1, connections: 1, overdue: 0 })
  assert.deepEqual([service.open, service.inFlight().map(({ response }) => response.req.url)], [1, ['/a']])
  assert.deepEqual([board.busy, board.read()[0]?.path], [1, '/a'])
  assert.deepEqual(events, ['begin /a'])
  service.logInFlight()
  assert.deepEqual(events, ['begin /a', 'finish /a 200'])
  open.pop()?.()
  assert.match(await client.receive('hello'), /^HTTP\/1\.1 200 OK\r\n[^]*Connection: keep-alive/)
  assert.deepEqual(service.load(), { requests: 1, busy: 0, connections: 1, overdue: 0 })
  client.socket.end()
  await client.untilClose()
  while (service.open > 0) await turn()
  assert.deepEqual(events.at(-1), 'closed, 0 open')
})

test('with keepalive 0 each response asks the client to close its connection', async (t) => {
  const { connect } = await setup(t, hello, { keepAlive: 0 })
  const client = (await connect()).send(get('/'))
  assert.match(await client.receive('hello'), /Connection: close\r\n[^]*hello$/)
})

test('keepalive is what the server promises to its clients', async (t) => {
  const { connect, server } = await setup(t, hello, { keepAlive: 7000 })
  assert.equal(server.keepAliveTimeout, 7000)
  assert.match(await (await connect()).send(get('/')).receive('hello'), /Keep-Alive: timeout=7\r\n/)
})

test('a request of HTTP/1.1 without Host is refused and logged; HTTP/1.0 needs none', async (t) => {
  const { events, connect } = await setup(t)
  const refused = (await connect()).send('GET /a HTTP/1.1\r\n\r\n')
  assert.match(await refused.untilClose(), /^HTTP\/1\.1 400 Bad Request\r\n[^]*Connection: close/i)
  assert.match(await (await connect()).send('GET /b HTTP/1.0\r\n\r\n').untilClose(), /hello$/)
  assert.deepEqual(
    events.filter((event) => event.startsWith('finish')),
    ['finish /a 400', 'finish /b 200'],
  )
})

test('what is not a request gets a 400 and a line', async (t) => {
  const { events, connect } = await setup(t)
  assert.match(await (await connect()).send('\x16\x03\x01 \r\n\r\n').untilClose(), /^HTTP\/1\.1 400 /)
  assert.ok(events.includes('invalid 400'))
})

test('hooks run around the app; an async pre_request delays it, unless the client has left', async (t) => {
  const calls: string[] = []
  const gates: (() => void)[] = []
  const { connect, service } = await setup(
    t,
    ({ url }, response) => {
      calls.push(`app ${url}`)
      response.end('hello')
    },
    {
      requestHooks: {
        before: ({ url }) => {
          calls.push(`before ${url}`)
          return url === '/now' ? undefined : new Promise((resolve) => gates.push(resolve))
        },
        after: ({ url }, { statusCode }) => void calls.push(`after ${url} ${statusCode}`),
      },
    },
  )
  const client = (await connect()).send(get('/now'))
  await client.receive('hello')
  client.text = ''
  client.send(get('/later'))
  while (gates.length === 0) await turn()
  assert.deepEqual(calls, ['before /now', 'app /now', 'after /now 200', 'before /later'])
  gates.pop()?.()
  await client.receive('hello')
  client.send(get('/left'))
  while (gates.length === 0) await turn()
  client.socket.destroy()
  while (service.load().busy > 0) await turn()
  gates.pop()?.()
  await turn()
  assert.deepEqual(calls.slice(4), ['app /later', 'after /later 200', 'before /left', 'after /left 200'])
})

test('req.signal fires when the client leaves early, and not when its response is complete', async (t) => {
  const ends: (string | undefined)[] = []
  const { connect, service, server } = await setup(t, ({ url, socket }, response) => {
    response.on('close', () => ends.push(url))
    if (url === '/early') socket.destroy()
    else response.end('hello')
  })
  const requests: object[] = []
  server.on('request', (request) => requests.push(request))
  await (await connect()).send(get('/')).receive('hello')
  await (await connect()).send(get('/early')).untilClose()
  while (service.load().busy > 0) await turn()
  const reasons = requests.map((request) =>
    Object.getOwnPropertySymbols(request).some(({ description }) => description === 'tsgun.cut_off'),
  )
  assert.deepEqual(reasons, [false, true])
})

test('the path of a readiness check fails with a line, but without the hooks', async (t) => {
  const calls: string[] = []
  const { service, events, connect } = await setup(t, hello, {
    requestHooks: { before: () => void calls.push('before'), after: () => void calls.push('after') },
  })
  service.unready('/ready')
  assert.match(await (await connect()).send(get('/ready')).receive('stopping'), /^HTTP\/1\.1 503 /)
  assert.deepEqual([events, calls], [['begin /ready', 'finish /ready 503'], []])
  assert.match(await (await connect()).send(get('/')).receive('hello'), /^HTTP\/1\.1 200 /)
  assert.equal(calls.length, 2)
})

test('a path that the server answers has a line, but neither hooks nor the app get it, until it is removed', async (t) => {
  const calls: string[] = []
  const { service, events, connect } = await setup(t, hello, {
    requestHooks: { before: () => void calls.push('before'), after: () => void calls.push('after') },
  })
  const path = '/.well-known/acme-challenge/x'
  service.unready('/ready')
  service.respond(new Map([[path, 'the text']]))
  assert.match(await (await connect()).send(get(`${path}?a=b`)).receive('the text'), /^HTTP\/1\.1 200 /)
  assert.deepEqual([events, calls], [[`begin ${path}?a=b`, `finish ${path}?a=b 200`], []])
  assert.match(await (await connect()).send(get(`${path}y`)).receive('hello'), /^HTTP\/1\.1 200 /)
  service.respond(new Map([['/other', 'the other text']]))
  await (await connect()).send(get(path)).receive('hello')
  await (await connect()).send(get('/other')).receive('the other text')
  service.respond(new Map())
  await (await connect()).send(get('/other')).receive('hello')
  assert.match(await (await connect()).send(get('/ready')).receive('stopping'), /^HTTP\/1\.1 503 /)
})

test('requests of the health check reach the app alone', async (t) => {
  const probe = new Probe()
  const { service, events, server } = await setup(t, hello, { probe })
  const { inside, outside } = probe.connect()
  server.emit('connection', inside)
  outside.write(get('/healthz'))
  assert.match(String((await once(outside, 'data'))[0]), /^HTTP\/1\.1 200 /)
  assert.deepEqual([events, service.load().requests], [[], 0])
})

const upgradeRequest = 'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'

test('an upgrade is noted before the app has the socket, and named when it is cut off', async (t) => {
  const { service, events, connect } = await setup(t, hello, {
    app: {
      kind: 'listener',
      handle: hello,
      upgrade: ({ url }, socket: Duplex) => {
        events.push(`app ${url}`)
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n')
      },
    },
  })
  await (await connect()).send(upgradeRequest).receive('101')
  assert.deepEqual(events, ['upgraded /chat', 'app /chat'])
  assert.deepEqual(await service.drain({ within: 0, shut: Promise.resolve() }), ['GET /chat (websocket)'])
})

test('without a listener an upgrade is an ordinary request; a library may add one later', async (t) => {
  const { events, connect, server } = await setup(t)
  assert.match(await (await connect()).send(upgradeRequest).receive('hello'), /^HTTP\/1\.1 200 /)
  server.on('checkContinue', () => undefined)
  assert.equal(server.listenerCount('upgrade'), 0)
  server.on('upgrade', (_, socket) => {
    events.push('library')
    socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
  })
  server.on('upgrade', () => undefined)
  assert.equal(server.listenerCount('upgrade'), 2)
  await (await connect()).send(upgradeRequest).receive('101')
  assert.deepEqual(events.slice(-2), ['upgraded /chat', 'library'])
})

test(
  'a request that takes too long is reported, counted as overdue, and the last of its ' + 'connection',
  async (t) => {
    const late: string[] = []
    const { service, events, connect } = await setup(t, () => undefined, {
      requestLimit: { limit: 20, onTimeout: ({ url }) => void late.push(url ?? '') },
    })
    const client = (await connect()).send(get('/slow'))
    assert.match(await client.untilClose(), /^HTTP\/1\.1 503 /)
    while (service.open > 0) await turn()
    assert.deepEqual(
      [late, service.load()],
      [['/slow'], { requests: 1, busy: 0, connections: 0, overdue: 1 }],
    )
    assert.deepEqual(
      events.filter((event) => event.startsWith('begin')),
      ['begin /slow'],
    )
  },
)

test('a drain ends idle connections, at once when it is in a hurry', async (t) => {
  const { service, connect } = await setup(t)
  const client = (await connect()).send(get('/'))
  await client.receive('hello')
  const began = performance.now()
  assert.deepEqual(await service.drain({ within: 30_000, hurry: true, shut: Promise.resolve() }), [])
  assert.ok(performance.now() - began < 20_000)
  assert.equal(service.open, 0)
})

test('a drain lets requests in flight end with Connection: close', async (t) => {
  const open: (() => void)[] = []
  const { service, connect, server } = await setup(t, (_, response) => open.push(() => response.end('hello')))
  const client = (await connect()).send(get('/'))
  await once(server, 'request')
  const drained = service.drain({ within: 30_000, shut: Promise.resolve() })
  open.pop()?.()
  assert.match(await client.untilClose(), /Connection: close\r\n[^]*hello$/)
  assert.deepEqual(await drained, [])
})

test('the server starts its own checks when the service starts', async (t) => {
  const { service, server } = await setup(t)
  const listening = once(server, 'listening')
  service.start()
  await listening
})
