// Requests whose worker ends before their responses: each has its access line, and the record of the crash
// names them.

import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import { ask, connectTo } from '../helpers/http.ts'
import { killIfRunning } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `
const routes = {
  hang: () => console.log('hangs'),
  half: (req, res) => { res.write('x'.repeat(100)); console.log('hangs') },
  throw: () => setTimeout(() => { throw new Error('in a timer') }, 20),
  data: (req) => req.on('data', () => { throw new Error('in an event') }),
  reject: () => void (async () => { await null; throw new Error('rejected') })(),
  exit: () => setImmediate(() => process.exit(3)),
  after: (req, res) => { res.end('done'); process.nextTick(() => { throw new Error('after it') }) },
}
export default (req, res) => (routes[req.url.slice(1)] ?? ((_, res) => res.end('ok')))(req, res)
`

interface Line {
  readonly path: string
  readonly status: number
  readonly bytes: number
  readonly outcome: string
}

interface ErrorRecord {
  readonly level: string
  readonly msg: string
  readonly in_flight?: readonly string[]
  readonly started_by?: readonly string[]
  readonly busy?: number
}

function start(t: TestContext): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', accesslog: 'access.log',
    access_log_format: 'json', errorlog: 'error.log', log_format: 'json', control_socket: 'control.sock' }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
}

function send(server: RunningServer, path: string, body = ''): Socket {
  const socket = connectTo(server.url)
  socket.on('error', () => undefined).resume()
  socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  return socket
}

/** Two requests that wait, and one that ends the worker. Returns the record of its end. */
async function crash(server: RunningServer, path: string): Promise<ErrorRecord> {
  const [pid] = server.workerPids
  send(server, '/hang')
  await server.says(/hangs/)
  send(server, '/half')
  await server.says(/hangs/, 2)
  send(server, path, 'body')
  await eventually('the replacement', async () => {
    const [next] = server.workerPids
    return next === pid ? undefined : ask(server.url).catch(() => undefined)
  })
  await server.stop()
  const found = recordsOf<ErrorRecord>(server.project, 'error.log').filter(({ msg }) =>
    msg.includes('ends this'),
  )
  assert.equal(found.length, 1)
  return found[0] ?? assert.fail()
}

function lines(server: RunningServer): string[] {
  return recordsOf<Line>(server.project, 'access.log')
    .filter(({ path }) => path !== '/')
    .map(({ path, status, bytes, outcome }) => `${path} ${status} ${bytes} ${outcome}`)
}

const named = (requests: readonly string[] | undefined): unknown =>
  requests?.map((text) => /^POST (\S+) age_ms=\d+ request_id=\S+$/.exec(text)?.[1])

const waiting = ['/hang 500 0 crashed', '/half 200 100 crashed']

for (const [path, what, isKnown] of [
  ['/throw', 'an uncaught exception ends this worker: in a timer', true],
  ['/data', 'an uncaught exception ends this worker: in an event', true],
  ['/reject', 'an unhandled rejection ends this worker: rejected', false],
] as const) {
  test(`a crash (${path}) names the requests in flight, and each has its line`, async (t) => {
    const server = await start(t)
    const { level, msg, in_flight, started_by } = await crash(server, path)
    assert.deepEqual([level, msg], ['fatal', `${what}; 3 requests were in flight`])
    assert.deepEqual(named(in_flight), ['/hang', '/half', path])
    assert.deepEqual(named(started_by), isKnown ? [path] : undefined)
    assert.deepEqual(lines(server), [...waiting, `${path} 500 0 crashed`])
  })
}

test('process.exit() with requests in flight is told, and each has its line', async (t) => {
  const server = await start(t)
  const { level, msg, in_flight } = await crash(server, '/exit')
  const told = 'process.exit() ends this worker with code 3; 3 requests were in flight'
  assert.deepEqual([level, msg], ['error', told])
  assert.deepEqual(named(in_flight), ['/hang', '/half', '/exit'])
  assert.deepEqual(lines(server), [...waiting, '/exit 500 0 crashed'])
})

test('a response that has left before the crash is complete', async (t) => {
  const server = await start(t)
  const { msg } = await crash(server, '/after')
  assert.equal(msg, 'an uncaught exception ends this worker: after it; 2 requests were in flight')
  assert.deepEqual(lines(server), [...waiting, '/after 200 4 complete'])
})

test('of a worker that was killed the master knows how many requests were in flight', async (t) => {
  const server = await start(t)
  send(server, '/hang')
  await server.says(/hangs/)
  const [pid = 0] = server.workerPids
  await eventually('a beat', async () => {
    const { body } = await ask(`unix:${server.project.path('control.sock')}`, '/status')
    return (JSON.parse(body) as { requests: { busy: number } }).requests.busy === 1 ? true : undefined
  })
  killIfRunning(pid)
  const died = await eventually('the record of its end', () =>
    recordsOf<ErrorRecord>(server.project, 'error.log').find(({ msg }) => msg.includes(' died: ')),
  )
  await server.stop()
  assert.match(died.msg, /; at its last beat 1 request in flight, without an access line/)
  assert.equal(died.busy, 1)
})
