// What each adapter does beyond the contract tests in test/contract: errors that handlers of the user respond
// to, and details of each framework.

import express from 'express'
import { fastify } from 'fastify'
import { H3, HTTPError } from 'h3'
import { Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import Koa from 'koa'
import assert from 'node:assert/strict'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { constants } from 'node:http2'
import { PassThrough, Readable } from 'node:stream'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { collectReports, get, getHttp2, loadFrom } from './talk.ts'

const boom = new Error('boom')
const fail = () => {
  throw boom
}

/** Loads an app and sends one request; resolves to the response and the reported errors. */
async function ask(app: unknown, path = '/') {
  const { errors, report } = collectReports()
  const { handle } = await loadFrom({ app }, report)
  return { text: await get(handle, path), errors }
}

test('Express: a router alone is served, and responds with 404 without a route', async () => {
  const router = express.Router()
  router.get('/here', (_req, res) => void res.end('here'))
  assert.match((await ask(router, '/here')).text, /^HTTP\/1\.1 200 [\s\S]*here/)
  const { text, errors } = await ask(router, '/there')
  assert.match(text, /^HTTP\/1\.1 404 [\s\S]*Cannot GET \/there/)
  assert.deepEqual(errors, [])
})

test('Express: an error that a middleware of the user handles is not reported', async () => {
  const app = express()
  app.get('/', fail)
  const handleError: express.ErrorRequestHandler = (error, _req, res, next) =>
    void (res.headersSent ? next(error) : res.status(500).end('mine'))
  app.use(handleError)
  const { text, errors } = await ask(app)
  assert.match(text, /^HTTP\/1\.1 500 [\s\S]*mine/)
  assert.deepEqual(errors, [])
})

test("Koa: the user's error listeners still run, and a 4xx is not reported", async () => {
  const heard: unknown[] = []
  const app = new Koa().use(fail).on('error', (error) => void heard.push(error))
  assert.deepEqual((await ask(app)).errors, [boom])
  assert.deepEqual(heard, [boom])
  assert.deepEqual((await ask(new Koa().use((ctx) => ctx.throw(418)))).errors, [])
  assert.equal((await ask(new Koa().use((ctx) => ctx.throw(503)))).errors.length, 1)
})

test('Koa: a stream that fails after the headers is reported once', async () => {
  const body = new PassThrough()
  body.write('begun')
  const app = new Koa().use((ctx) => {
    ctx.body = body
    ctx.res.once('pipe', () => void setImmediate().then(() => body.destroy(boom)))
  })
  const { text, errors } = await ask(app)
  assert.match(text, /begun/)
  assert.deepEqual(errors, [boom])
})

test(
  'Fastify: an error is reported if the handler of the user responds with a 5xx, not with a ' + '4xx',
  async () => {
    const withStatus = (status: number) =>
      fastify()
        .get('/', fail)
        .setErrorHandler((_error, _request, reply) => reply.code(status).send('mine'))
    assert.deepEqual((await ask(withStatus(409))).errors, [])
    assert.deepEqual((await ask(withStatus(502))).errors, [boom])
  },
)

test('Fastify: errors in plugins registered earlier are reported too', async () => {
  const app = fastify()
  await app.register(async (plugin) => void plugin.get('/plugin', fail), { prefix: '/in' })
  assert.deepEqual((await ask(app, '/in/plugin')).errors, [boom])
})

test('Fastify: a stream that fails before the headers is a 500, reported once', async () => {
  const { text, errors } = await ask(
    fastify().get('/', () => new Readable({ read: () => undefined }).destroy(boom)),
  )
  assert.match(text, /^HTTP\/1\.1 500 /)
  assert.deepEqual(errors, [boom])
})

for (const [state, pass] of [
  ['just ready', () => Promise.resolve()],
  ['long ready', () => setImmediate()],
] as const) {
  test(`Fastify: an app that is ${state} is served, and its errors are reported`, async () => {
    const app = fastify()
      .get('/', () => 'ready')
      .get('/fail', fail)
    await app.ready()
    await pass()
    assert.match((await ask(app)).text, /^HTTP\/1\.1 200 [\s\S]*ready/)
    const { text, errors } = await ask(app, '/fail')
    assert.match(text, /^HTTP\/1\.1 500 /)
    assert.deepEqual(errors, [boom])
  })
}

test('Fastify: a plugin that fails is a boot failure, and shutdown() closes the app', async () => {
  await assert.rejects(
    ask(fastify().register(() => Promise.reject(boom))),
    /^AppBootError: the app of .* did not start: boom$/,
  )
  let closed = false
  const app = fastify().addHook('onClose', async () => void (closed = true))
  await (await loadFrom({ app }, () => undefined)).shutdown?.()
  assert.equal(closed, true)
})

test('Fastify: an exported shutdown replaces close()', async () => {
  let closed = false
  const app = fastify().addHook('onClose', async () => void (closed = true))
  await (await loadFrom({ app, shutdown: () => undefined }, () => undefined)).shutdown?.()
  assert.equal(closed, false)
})

test('Hono: an onError of the user is not changed, and an HTTPException is reported from 500 on', async () => {
  const custom = new Hono().get('/', fail).onError((_error, c) => c.text('mine', 500))
  const { text, errors } = await ask(custom)
  assert.match(text, /mine$/m)
  assert.deepEqual(errors, [])
  const throwing = (status: 401 | 503) =>
    new Hono().get('/', () => {
      throw new HTTPException(status)
    })
  assert.deepEqual((await ask(throwing(401))).errors, [])
  assert.equal((await ask(throwing(503))).errors.length, 1)
})

test('Hono: the bindings of Node are in its environment', async () => {
  const app = new Hono<{ Bindings: { incoming?: { url?: string } } }>().get('/where', (c) =>
    c.text(String(c.env.incoming?.url)),
  )
  assert.match((await ask(app, '/where')).text, /\/where$/m)
})

test('Hono: a thrown value that is not an Error is a 500 and is reported', async () => {
  const app = new Hono().get('/', () => {
    throw 'text'
  })
  const { text, errors } = await ask(app)
  assert.match(text, /^HTTP\/1\.1 500 /)
  assert.deepEqual(errors, ['text'])
})

test('h3: the onError of the user decides the response, and the original error is reported', async () => {
  const app = new H3({ onError: () => 'mine', silent: true }).get('/', fail)
  const { text, errors } = await ask(app)
  assert.match(text, /mine$/m)
  assert.deepEqual(errors, [], 'an error that the user answers with a 200 is no 5xx')
  assert.deepEqual((await ask(new H3({ silent: true }).get('/', fail))).errors, [boom])
  const own = new HTTPError({ status: 503 })
  const unavailable = new H3().get('/', () => {
    throw own
  })
  assert.deepEqual((await ask(unavailable)).errors, [own])
})

test('fetch: a result that is not a Response is a 500 with the reason', async () => {
  for (const result of [undefined, 'text', Promise.resolve(null)]) {
    const { text, errors } = await ask({ fetch: () => result })
    assert.match(text, /^HTTP\/1\.1 500 /)
    assert.match(String(errors[0]), /TypeError: the app returned .*, not a Response/)
  }
})

test('http.Server: every listener is called with the server as `this`, also later ones', async () => {
  const calls: unknown[] = []
  const server = createServer(function (this: unknown) {
    calls.push(this)
  })
  const { errors, report } = collectReports()
  const app = await loadFrom({ server }, report, ':server')
  server.on('request', (_request, response) => response.end('second'))
  assert.match(await get(app.handle), /second$/m)
  assert.deepEqual(calls, [server])
  assert.deepEqual(errors, [])
  assert.equal(app.upgrade, undefined)
})

test('what is attached to the server of an app counts: it is served itself', async () => {
  const server = createServer(() => undefined)
  const instance = fastify()
  for (const [app, own] of [
    [server, server],
    [instance, instance.server],
  ] as const) {
    const { servers = [] } = await loadFrom({ default: app }, () => undefined)
    assert.deepEqual(
      servers.map((each) => [each.server === own, each.place]),
      [[true, undefined]],
    )
  }
})

test('HTTP/2: a request to Express is a 500 with the reason, and the worker keeps running', async () => {
  const { errors, report } = collectReports()
  const { handle } = await loadFrom({ app: express().get('/', (_req, res) => void res.end()) }, report)
  assert.equal((await getHttp2(handle, '/')).status, 500)
  assert.match(String(errors[0]), /Express does not support requests of node:http2/)
})

test('HTTP/2: an error after the headers resets the stream for each kind of app, reported once', async () => {
  for (const make of [listenerThatFails, koaThatFails, fetchThatFails]) {
    const { errors, report } = collectReports()
    let fail: () => void = () => undefined
    const { handle } = await loadFrom(
      { app: make(new Promise((_resolve, reject) => (fail = () => reject(boom)))) },
      report,
    )
    const { status, body, code } = await getHttp2(handle, '/', () => fail())
    assert.deepEqual(
      { status, body, code },
      { status: 200, body: 'begun', code: constants.NGHTTP2_INTERNAL_ERROR },
    )
    assert.deepEqual(errors, [boom])
  }
})

const listenerThatFails = (failure: Promise<never>): unknown => {
  return (_request: IncomingMessage, response: ServerResponse) => {
    response.write('begun')
    return failure
  }
}

const koaThatFails = (failure: Promise<never>): unknown =>
  new Koa().use((ctx) => {
    ctx.status = 200
    ctx.res.write('begun')
    return failure
  })

const fetchThatFails = (failure: Promise<never>): unknown => ({
  fetch: () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(Buffer.from('begun')),
        pull: () => failure,
      }),
    ),
})

test('listener: one that returns an app is a factory; its requests fail instead of hanging', async () => {
  for (const factory of [
    (...all: unknown[]) => all.length > 0 && express(),
    async (...all: unknown[]) => Promise.resolve(all.length > 0 && new Hono()),
    (...all: unknown[]) => all.length > 0 && fastify(),
    (...all: unknown[]) =>
      () =>
        all,
  ]) {
    const { text, errors } = await ask(factory)
    assert.match(text, /^HTTP\/1\.1 500 /)
    assert.equal(errors.length, 1)
    assert.match(String(errors[0]), /it is a factory, so write "module:export\(\)"/)
  }
})

test('listener: other return values are ignored', async () => {
  const listeners = [
    (_request: IncomingMessage, response: ServerResponse) => response.end('well'),
    (_request: IncomingMessage, response: ServerResponse) => Promise.resolve(response.end('well')),
    (_request: IncomingMessage, response: ServerResponse) => {
      response.end('well')
      return () => undefined
    },
    (_request: IncomingMessage, response: ServerResponse) =>
      setImmediate().then(() => void response.end('well')),
  ]
  for (const listener of listeners) {
    const { text, errors } = await ask(listener)
    assert.match(text, /^HTTP\/1\.1 200 [\s\S]*well/)
    assert.deepEqual(errors, [])
  }
})
