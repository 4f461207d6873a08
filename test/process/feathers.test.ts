// An app in the form of Feathers: Express or Koa with services, which `listen()` sets up with the server, so
// that socket.io is attached. It is served when it listens, and when it is exported.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { io } from 'socket.io-client'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

/** What `feathers()`, `configure(socketio())` and `listen()` of Feathers 5 do, on the app of a framework. */
const feathers = `import { Server } from 'socket.io'
export function feathers(app) {
  const listen = app.listen.bind(app)
  const service = { state: 'new' }
  return Object.assign(app, {
    service: () => service,
    configure: () => app,
    hooks: () => app,
    async setup(server) {
      new Server(server).on('connection', (socket) => socket.emit('hello', process.pid))
      if (process.env.BROKEN) throw new Error('no database')
      service.state = 'set up'
    },
    async teardown() {
      console.log('the services are torn down')
    },
    async listen(...where) {
      const server = listen(...where)
      await app.setup(server)
      return server
    },
  })
}`

const frameworks: Readonly<Record<string, string>> = {
  express: `import express from 'express'
import { feathers } from './feathers.js'
export const app = feathers(express())
app.get('/', (req, res) => res.send(app.service('x').state))
app.get('/fail', () => { throw new Error('of the service') })`,
  koa: `import Koa from 'koa'
import { feathers } from './feathers.js'
export const app = feathers(new Koa())
app.use((ctx) => {
  if (ctx.path === '/fail') throw new Error('of the service')
  ctx.body = app.service('x').state
})`,
}

for (const [name, app] of Object.entries(frameworks))
  for (const [way, file] of [
    ['exported', './app.js'],
    ['listening', './index.js'],
  ] as const)
    test(`Feathers on ${name}, ${way}: services are set up, socket.io is attached`, async (t) => {
      const files = {
        'feathers.js': feathers,
        'app.js': app,
        'index.js': `import { app } from './app.js'\napp.listen(3030).then(() => console.log('listening'))\n`,
      }
      const project = createProject(t, files, [name, 'socket.io'])
      const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', '-w', '1', file] })
      assert.equal((await ask(server.url, '/')).body, 'set up')
      const socket = io(server.url, { transports: ['websocket'], reconnection: false })
      const pid = await new Promise((resolve, reject) => {
        socket.once('hello', resolve).once('connect_error', reject)
      })
      assert.equal(pid, server.workerPids[0])
      socket.close()
      assert.equal((await ask(server.url, '/fail')).status, 500)
      await server.says(/of the service/)
      server.signal('SIGHUP')
      await server.says(/reload done/)
      assert.equal((await ask(server.url, '/')).body, 'set up')
      await server.stop()
      if (way === 'exported') assert.equal(server.stdout.match(/the services are torn down/g)?.length, 2)
    })

test('a service of Feathers that cannot be set up ends the start with the reason', async (t) => {
  const files = { 'feathers.js': feathers, 'app.js': frameworks['express'] ?? '' }
  const launched = launch(createProject(t, files, ['express', 'socket.io']), {
    arguments: ['-b', '127.0.0.1:0', './app.js'],
    environment: { BROKEN: '1' },
  })
  assert.deepEqual(await launched.exit(), { code: 3, signal: null })
  assert.match(launched.stderr, /failed to boot: the app of \S+app\.js did not start: no database/)
})
