// Exports that are not what they look like at first: served where that is possible, else refused at the start
// or within the first request, with a record that says what they are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

interface Served {
  readonly app: string
  readonly packages?: readonly string[]
  /** Path, status and body. */
  readonly responses: readonly (readonly [path: string, status: number, body: string | RegExp])[]
}

const served: Readonly<Record<string, Served>> = {
  'a web handler': {
    app: `export default async (request) => new Response(new URL(request.url).pathname, { status: 201 })`,
    responses: [['/a', 201, '/a']],
  },
  'a listener that returns a Response': {
    app: `export default async (req, res) => new Response('sent ' + req.url)`,
    responses: [['/a', 200, 'sent /a']],
  },
  'a middleware': {
    app:
      `export default (req, res, next) => req.url === '/a' ? res.end('a') : next(req.url === '/b' ? ` +
      `new Error('b') : undefined)`,
    responses: [
      ['/a', 200, 'a'],
      ['/b', 500, /Internal Server Error/],
      ['/c', 404, /Cannot GET \/c/],
    ],
  },
  'a plugin as fastify-cli runs it': {
    app: `export const options = { routerOptions: { ignoreTrailingSlash: true } }
      export default async function (fastify, opts) {
        fastify.get('/a', async () => 'plugin ' + JSON.stringify(opts.routerOptions))
      }`,
    packages: ['fastify'],
    responses: [['/a/', 200, 'plugin {"ignoreTrailingSlash":true}']],
  },
  Polka: {
    app: `import polka from 'polka'
      export default polka().get('/:name', (req, res) => res.end(req.params.name))`,
    packages: ['polka'],
    responses: [['/a', 200, 'a']],
  },
  hapi: {
    app: `import Hapi from '@hapi/hapi'
      const server = Hapi.server()
      server.route({ method: 'GET', path: '/a', handler: () => 'hapi' })
      server.route({ method: 'GET', path: '/b', handler: () => { throw new Error('of hapi') } })
      server.ext('onPostStart', () => console.log('started'))
      export default server`,
    packages: ['@hapi/hapi'],
    responses: [
      ['/a', 200, 'hapi'],
      ['/b', 500, /internal server error/i],
    ],
  },
  'an export named handler': {
    app: `export const handler = (req, res) => res.end('by handler')`,
    responses: [['/', 200, 'by handler']],
  },
}

for (const [name, { app, packages, responses }] of Object.entries(served)) {
  test(`${name} is served`, async (t) => {
    const project = createProject(t, { 'app.js': app }, packages)
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', 'app.js'] })
    for (const [path, status, body] of responses) {
      const response = await ask(server.url, path)
      assert.equal(response.status, status, server.report())
      if (typeof body === 'string') assert.equal(response.body, body)
      else assert.match(response.body, body)
    }
    if (name === 'hapi') await server.says(/started/)
    if (responses.some(([, status]) => status === 500)) await server.says(/GET \/b → 500: (?:b|of hapi)/)
    await server.stop()
  })
}

const failing: Readonly<Record<string, readonly [app: string, record: RegExp]>> = {
  'a function of a cloud': [
    `export const handler = async (event, context) => ({ statusCode: 200, body: 'hi' })`,
    /GET \/\S* → 500: the app function returned an object instead of sending a response/,
  ],
  'the same with one parameter': [
    `export const handler = async (event) => ({ statusCode: 200, body: 'hi' })`,
    /GET \/\S* → 500: the app returned an object, not a Response/,
  ],
  'a text': [
    `export default (req, res) => 'hello'`,
    /GET \/\S* → 500: the app function returned a string instead of sending a response/,
  ],
  'a factory': [
    `import polka from 'polka'\nexport default (a, b) => polka()`,
    /GET \/\S* → 500: the app function returned an app \(handler owner\) instead of sending a response: .*"module:export\(\)"/,
  ],
}

for (const [name, [app, record]] of Object.entries(failing)) {
  test(`a request to ${name} fails at once, and the log says why`, async (t) => {
    const server = await startServer(createProject(t, { 'app.js': app }, ['polka']), {
      arguments: ['-b', '127.0.0.1:0', 'app.js'],
    })
    assert.equal((await ask(server.url)).status, 500)
    await server.says(record)
    await server.stop()
  })
}

const refused: Readonly<Record<string, readonly [app: string, reason: RegExp]>> = {
  'the main function of a program': [
    `export default async function bootstrap() { await null }`,
    /"default" of app\.js is a function without parameters, not an app; .*"module:factory\(\)"/,
  ],
  'an application of LoopBack': [
    `class Shop { start() {} }\nexport default new Shop()`,
    /is an instance of Shop \(if it listens with start\(\), call that in its module\), not an app/,
  ],
  'a plugin of Fastify without Fastify': [
    `export default async (fastify, opts) => undefined`,
    /exports a plugin of Fastify, "\(fastify, opts\)", and the package "fastify" cannot be loaded: npm install fastify/,
  ],
}

for (const [name, [app, reason]] of Object.entries(refused)) {
  test(`${name} is refused at the start`, async (t) => {
    const server = launch(createProject(t, { 'app.js': app }), { arguments: ['-b', '127.0.0.1:0', 'app.js'] })
    assert.notEqual((await server.exit()).code, 0)
    assert.match(server.stderr, reason)
  })
}
