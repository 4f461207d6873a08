// What every worker class keeps, as one suite of a real server. It needs no two requests at the same time at
// one worker, so that it holds for each class. A class of one's own passes it too.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test, type TestContext } from 'node:test'
import { ask, connectTo, sendRaw } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, repository, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

/** Waits for the file `released`; says what happens on standard output, which goes to the app log. */
const app = `import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
const released = async (signal) => { while (!existsSync('released') && !signal?.aborted) await delay(10) }
export default async (req, res) => {
  if (req.url === '/wait') { console.log('waits'); await released(); return res.end('waited') }
  if (req.url === '/stream') {
    res.write('one')
    await released()
    return res.end('two')
  }
  if (req.url === '/abort') {
    req.signal.addEventListener('abort', () => console.log('aborted'))
    console.log('hangs')
    return
  }
  if (req.url === '/never') return
  if (req.url === '/block') { console.log('blocks'); for (;;); }
  if (req.url === '/fail') throw new Error('no tea')
  res.end('pid=' + process.pid)
}\n`

const hooks = `
  pre_request: (worker, req) => console.log('pre_request ' + req.url),
  post_request: (worker, req) => console.log('post_request ' + req.url),
  post_worker_init: () => console.log('post_worker_init'),
  worker_exit: () => console.log('worker_exit'),`

const kinds = [
  'listener',
  'http-server',
  'fetch',
  'express',
  'koa',
  'fastify',
  'hono',
  'h3',
  'nest/app',
] as const
const exportOf: Readonly<Partial<Record<(typeof kinds)[number], string>>> = {
  'http-server': 'server',
  'nest/app': 'createApp()',
}

/** `name`: the value of `worker_class`. */
export function classContract(name: string): void {
  const start = (t: TestContext, more = ''): Promise<RunningServer> => {
    const config = `export default { app: './app.js', worker_class: '${name}', bind: ['127.0.0.1:0', 'unix:web.sock'],
      accesslog: 'access.log', access_log_format: 'json', ${more} }\n`
    return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  }
  const release = ({ project }: RunningServer): void => project.write('released', '')

  describe(`the worker class ${name}`, () => {
    for (const kind of kinds)
      test(`serves an app of ${kind}`, async (t) => {
        const fixtures = join(repository, 'test/fixtures/apps')
        const file = `${join(fixtures, kind)}.ts${exportOf[kind] === undefined ? '' : `:${exportOf[kind]}`}`
        const words = ['--chdir', fixtures, '-b', '127.0.0.1:0', '--worker-class', name, file]
        const server = await startServer(createProject(t), { arguments: words })
        const { status, body } = await ask(server.url, '/echo?a=1')
        assert.deepEqual([status, JSON.parse(body).path], [200, '/echo'])
        const sent = Buffer.alloc(1024 * 1024, 'x')
        const headers = { 'content-type': 'application/octet-stream' }
        const echoed = await ask(server.url, '/body', { method: 'POST', headers, body: sent })
        assert.equal(echoed.body.length, sent.length)
        await server.stop()
      })

    test('serves all addresses, and writes an access line for each request', async (t) => {
      const server = await start(t)
      for (const url of server.listeners) assert.match((await ask(url)).body, /^pid=\d+$/)
      assert.equal((await ask(server.url, '/fail')).status, 500)
      await server.says(/Error: no tea/)
      assert.match(await sendRaw(server.url, 'GET / HTTP/1.1\r\n\r\n'), /^HTTP\/1\.1 400 /)
      await server.stop()
      const lines = recordsOf<{ status: number }>(server.project, 'access.log')
      assert.deepEqual(
        lines.map(({ status }) => status),
        [200, 200, 500, 400],
      )
    })

    test('sends a stream as it comes', async (t) => {
      const server = await start(t)
      const socket = connectTo(server.url)
      let text = ''
      socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
      socket.write('GET /stream HTTP/1.1\r\nhost: x\r\n\r\n')
      await eventually('the first piece', () => text.includes('one') || undefined)
      assert.ok(!text.includes('two'))
      release(server)
      await eventually('the second piece', () => text.includes('two') || undefined)
      socket.destroy()
      await server.stop()
    })

    test('aborts the signal of a request whose client has left, and serves the next one', async (t) => {
      const server = await start(t)
      const socket = connectTo(server.url)
      socket.write('GET /abort HTTP/1.1\r\nhost: x\r\n\r\n')
      await server.says(/hangs/)
      socket.destroy()
      await server.says(/aborted/)
      assert.equal((await ask(server.url)).status, 200)
      await server.stop()
    })

    test('ends a request after request_timeout, and a stuck worker after timeout', async (t) => {
      const server = await start(t, 'request_timeout: 1, timeout: 2')
      assert.equal((await ask(server.url, '/never')).status, 503)
      const blocked = assert.rejects(ask(server.url, '/block'), /hang up|ECONNRESET/)
      await server.says(/blocks/)
      await blocked
      assert.equal((await ask(server.url)).status, 200, 'the next worker serves')
      await server.stop()
    })

    test('runs the hooks of requests and workers', async (t) => {
      const server = await start(t, hooks)
      await ask(server.url, '/tea')
      await server.says(/post_request \/tea/)
      await server.stop()
      const found = [
        ...server.stdout.matchAll(/post_worker_init|(?:pre|post)_request \/tea|worker_exit/g),
      ].map(String)
      assert.deepEqual(found, ['post_worker_init', 'pre_request /tea', 'post_request /tea', 'worker_exit'])
    })

    test('a stop finishes the request in flight and leaves no socket', async (t) => {
      const server = await start(t)
      const waiting = ask(server.url, '/wait')
      await server.says(/waits/)
      server.signal('SIGTERM')
      await server.says(/is retired \(stop\)/)
      release(server)
      assert.equal((await waiting).body, 'waited')
      assert.deepEqual(await server.exit(), { code: 0, signal: null })
      assert.ok(!existsSync(server.project.path('web.sock')))
    })

    test('no request fails in a reload, a kill of an idle worker and a scaling', async (t) => {
      const server = await start(t, 'workers: 2')
      let isOver = false
      let responses = 0
      const client = async (): Promise<void> => {
        while (!isOver) {
          assert.match((await ask(server.url)).body, /^pid=\d+$/)
          responses += 1
        }
      }
      const clients = Promise.all([client(), client(), client()])
      server.signal('SIGHUP')
      await server.says(/reload done: generation 2 serves/)
      server.signal('SIGTTIN')
      await server.says(/worker 2 \(pid \d+\) is ready/)
      server.signal('SIGTTOU')
      await server.says(/worker 2 \(pid \d+\) ended/)
      isOver = true
      await clients
      assert.ok(responses > 0)
      const [pid = 0] = server.workerPids
      killProcess(pid, 'SIGKILL')
      assert.equal((await ask(server.url)).status, 200)
      await server.stop()
    })

    test('an idle connection does not keep a request from being served', async (t) => {
      const server = await start(t)
      const idle = connectTo(server.url)
      await once(idle, 'connect')
      for (let nr = 0; nr < 3; nr += 1) assert.equal((await ask(server.url)).status, 200)
      idle.destroy()
      await server.stop()
    })
  })
}
