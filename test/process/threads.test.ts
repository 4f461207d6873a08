// TypeScript in threads and processes that the app starts: as in the worker itself, with the code of its
// generation. cluster.fork() starts nothing and says so.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { childrenOf } from '../helpers/processes.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const lib = 'export enum Level { Low, High = 5 }\nexport const name: string = "lib"\n'
const thread = `import { parentPort } from 'node:worker_threads'
  import { Level, name } from './lib'
  parentPort?.postMessage(name + Level.High)`

const files = {
  'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0', workers: 1 }`,
  'lib.ts': lib,
  'lib.cts': lib,
  'thread.ts': thread,
  'task.ts': `import { Level } from './lib.js'\nexport default (n: number): number => n + Level.High`,
  'transport.ts': `import { Writable } from 'node:stream'
    import { appendFileSync } from 'node:fs'
    import { Level } from './lib.ts'
    export default ({ file }: { file: string }): Writable =>
      new Writable({ write(chunk, _, done) { appendFileSync(file, Level.High + String(chunk)); done() } })`,
  // A child starts a thread of its own.
  'child.ts': `import { Worker } from 'node:worker_threads'
    new Worker(new URL('./thread.ts', import.meta.url)).once('message', (text: string) => {
      process.send?.(text)
      process.disconnect?.()
    })`,
  'child.cts': `import { Level, name } from './lib.cts'
    if (require.main === module) process.send?.(name + Level.High)
    process.disconnect?.()`,
  'error.ts': `enum Level { Low }\nthrow new Error('line 2' + Level.Low)`,
  // As BullMQ starts a processor: its own program gets the path.
  'node_modules/queue/package.json': '{ "name": "queue", "main": "index.js" }',
  'node_modules/queue/index.js': `const { fork } = require('child_process'), { Worker } = require('worker_threads')
    exports.inChild = () => fork(__dirname + '/main.js', [], { execArgv: process.execArgv, stdio: 'pipe' })
    exports.inThread = () => new Worker(__dirname + '/main.js', { execArgv: process.execArgv, stdout: true })`,
  'node_modules/queue/main.js': `const { parentPort } = require('worker_threads')
    const port = parentPort ?? process, send = (value) => (parentPort ? parentPort.postMessage(value) : process.send(value))
    port.once('message', async (file) => { send((await import(file)).default(1)); process.disconnect?.() })`,
  'app.ts': `import { fork } from 'node:child_process'
    import { readFileSync } from 'node:fs'
    import { createRequire } from 'node:module'
    import { SHARE_ENV, Worker } from 'node:worker_threads'
    import pino from 'pino'
    import { Piscina } from 'piscina'
    import queue from 'queue'
    const at = (file: string): URL => new URL(file, import.meta.url)
    const first = (started: any, send?: string): Promise<unknown> => new Promise((done) => {
      for (const event of ['message', 'exit']) started.once(event, done)
      started.once('error', (error: Error) => done(error.stack))
      if (send) (started.postMessage ?? started.send).call(started, send)
    })
    const cases: Record<string, () => Promise<unknown>> = {
      relative: () => first(new Worker('./thread.ts')),
      url: () => first(new Worker(at('thread.ts'))),
      js: () => first(new Worker(at('thread.js'))),
      empty: () => first(new Worker(at('thread.ts'), { execArgv: [], env: {} })),
      env: () => first(new Worker(at('thread.ts'), { env: {} })),
      shared: () => first(new Worker(at('thread.ts'), { env: SHARE_ENV })),
      required: () => first(new (createRequire(import.meta.url)('worker_threads').Worker)(at('thread.ts'))),
      child: () => first(fork('./child.ts')),
      childEmpty: () => first(fork('./child.ts', { execArgv: [], env: {} })),
      childMain: () => first(fork('./child.cts', ['word'])),
      queueChild: () => first(queue.inChild(), at('task.ts').pathname),
      queueThread: () => first(queue.inThread(), at('task.ts').pathname),
      piscina: async () => {
        const pool = new Piscina({ filename: at('task.ts').href })
        return pool.run(1).finally(() => pool.destroy())
      },
      pino: async () => {
        const transport = pino.transport({ target: at('transport.ts').pathname, options: { file: './out.log' } })
        pino(transport).info('hello')
        await new Promise((done) => { transport.on('close', done); transport.end() })
        return readFileSync('./out.log', 'utf8').slice(0, 8)
      },
      error: async () => /error\\.ts:2:7/.exec(String(await first(new Worker(at('error.ts')))))?.[0],
    }
    export default async ({ url }: { url: string }, response: { end(text: string): void }) =>
      response.end(JSON.stringify(await cases[url.slice(1)]?.().catch((error: Error) => error.stack)))`,
}

const threads = ['relative', 'url', 'js', 'empty', 'env', 'shared', 'required']
const children = ['child', 'childEmpty', 'childMain']

const expected: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries([...threads, ...children].map((name) => [name, 'lib5'])),
  queueChild: 6,
  queueThread: 6,
  piscina: 6,
  pino: '5{"level',
  error: 'error.ts:2:7',
}

test('threads, child processes, piscina, a queue and a pino transport load TypeScript', async (t) => {
  const server = await startServer(createProject(t, files, ['piscina', 'pino']))
  for (const [name, value] of Object.entries(expected))
    assert.deepEqual([name, JSON.parse((await ask(server.url, `/${name}`)).body)], [name, value])
  await server.stop()
})

test('a thread runs the code of its generation', async (t) => {
  const project = createProject(t, files, ['piscina', 'pino'])
  const server = await startServer(project)
  assert.equal((await ask(server.url, '/url')).body, '"lib5"')
  project.write('lib.ts', 'export const broken = ')
  rmSync(project.path('thread.ts'))
  assert.equal((await ask(server.url, '/url')).body, '"lib5"')
  project.write('lib.ts', lib.replace('"lib"', '"new"'))
  project.write('thread.ts', thread)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url, '/url')).body, '"new5"')
  await server.stop()
})

test('cluster.fork() starts nothing and says so once in each worker', async (t) => {
  const project = createProject(t, {
    'app.js': `import cluster from 'node:cluster'
      if (cluster.isPrimary) {
        cluster.on('exit', () => cluster.fork())
        for (let nr = 0; nr < 3; nr++) cluster.fork()
      }
      export default (req, res) => res.end('served')`,
  })
  const server = await startServer(project, {
    arguments: ['./app.js', '-b', '127.0.0.1:0', '-w', '2'],
  })
  assert.equal((await ask(server.url)).body, 'served')
  await server.says(/\[WARN\] \[worker 1\] the app calls cluster\.fork\(\), which starts nothing here/)
  assert.equal(server.stderr.match(/calls cluster\.fork/g)?.length, 2)
  assert.deepEqual(server.workerPids.flatMap(childrenOf), [])
  await server.stop()
})
