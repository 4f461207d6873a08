// The records of a life in the error log: for machines the event, the worker and the duration in every one of
// them, for people a sentence without the fields that it says already.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventTable } from '../../src/arbiter/report/event-table.ts'
import type { WorkerEvent } from '../../src/logging/records/worker-events.ts'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `const fail = async () => {
  throw new Error('no stock', { cause: new Error('connect ECONNREFUSED 127.0.0.1:5432') })
}
export default (req, res) => {
  if (req.url === '/block') for (;;);
  if (req.url === '/busy') return void res.writeHead(503).end()
  if (req.url === '/die') return void setTimeout(() => { throw new TypeError('nobody caught this') })
  if (req.url === '/cut') { res.write('half'); return fail() }
  if (req.url.startsWith('/fail')) return fail()
  res.end('served')
}
`

function start(t: TestContext, settings: string): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, ${settings} }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
}

interface Entry {
  readonly event?: keyof typeof eventTable | WorkerEvent
  readonly level: string
  readonly msg: string
  readonly nr?: number
  readonly worker_pid?: number
  readonly duration_ms?: number
  readonly [field: string]: unknown
}

const entries = (server: RunningServer): Entry[] => recordsOf<Entry>(server.project, 'error.log')

const isOfMaster = (name: Entry['event']): name is keyof typeof eventTable =>
  name !== undefined && Object.hasOwn(eventTable, name)

function until(server: RunningServer, event: Entry['event'], times = 1): Promise<void> {
  return server.until(`${times} x ${event}`, () => {
    return entries(server).filter((each) => each.event === event).length >= times
  })
}

test('every record of a start, a death, an abort, a reload and a stop has event, worker and duration', async (t) => {
  const server = await start(t, `log_format: 'json', errorlog: 'error.log', timeout: 1`)
  await until(server, 'workers_ready')
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await until(server, 'worker_ready', 3)
  await ask(server.url, '/block').catch(() => undefined)
  await until(server, 'worker_ready', 4)
  await until(server, 'worker_ended', 2)
  server.signal('SIGHUP')
  await until(server, 'reloaded')
  server.project.write('app.js', `throw new Error('no database')\n`)
  server.signal('SIGHUP')
  await until(server, 'reload_failed')
  server.project.write('app.js', `process.exit(7)\n`)
  server.signal('SIGHUP')
  await until(server, 'reload_failed', 2)
  await server.stop()
  const all = entries(server)
  for (const entry of all) {
    const { event, nr, worker_pid, duration_ms, generation } = entry
    const said = JSON.stringify(entry)
    assert.ok(isOfMaster(event), said)
    const { of } = eventTable[event]
    assert.equal(Number.isInteger(duration_ms), of !== 'server', said)
    assert.ok((duration_ms ?? 0) >= 0 && (duration_ms ?? 0) < 600_000, said)
    const figures = [nr, worker_pid, generation].map(Number.isInteger)
    assert.deepEqual(figures, of === 'worker' ? [true, true, true] : [false, false, false], said)
    if (of === 'worker') assert.match(entry.msg, new RegExp(`^worker ${nr} \\(pid ${worker_pid}\\) `))
  }
  const seen = new Set(all.map(({ event }) => event))
  const expected = (
    'starting listening worker_started worker_ready workers_ready worker_ended worker_aborted worker_stuck ' +
    'worker_killed signal reloading worker_retired reloaded worker_failed reload_failed stopping stopped'
  ).split(' ')
  assert.deepEqual(
    expected.filter((name) => !seen.has(name as keyof typeof eventTable)),
    [],
  )
  checkAbort(all)
  checkFailedReload(all)
})

/** An ERROR, without the figures of a beat that came before the request which blocks it. */
function checkAbort(all: readonly Entry[]): void {
  const [abort, ...more] = all.filter(({ event }) => event === 'worker_aborted')
  assert.deepEqual(
    [abort?.level, abort?.['busy'], abort?.['connections'], more.length],
    ['error', undefined, undefined, 0],
  )
  assert.deepEqual(
    all.filter(({ level }) => level === 'fatal'),
    [],
  )
  const stuck = all.find(({ event }) => event === 'worker_stuck')
  assert.match(String(stuck?.['in_flight']), /^GET \/block age_ms=\d+/)
}

/** Its first worker is not tried again, and no record says so. */
function checkFailedReload(all: readonly Entry[]): void {
  const [end, ...more] = all.filter((entry) => entry['exit_code'] === 7)
  assert.deepEqual([end?.event, more.length], ['worker_ended', 0])
  assert.doesNotMatch(end?.msg ?? '', /next attempt/)
}

test('a line of text has no field that its sentence says, and names the master', async (t) => {
  const server = await start(t, '')
  server.signal('SIGHUP')
  await server.says(/reload done/)
  await server.says(/ ended: reload, after [\d.]+ s$/m, 2)
  await server.stop()
  const own = server.stderr.split('\n').filter((line) => / \[master\] /.test(line))
  assert.ok(own.length > 15, server.report())
  for (const line of own.filter((each) => !each.includes(' tsgun '))) assert.doesNotMatch(line, / \w+=\S+/)
  assert.match(
    server.stderr,
    / \[INFO\] \[master\] worker \d \(pid \d+\) is ready after [\d.]+ m?s, 1 s on trial$/m,
  )
  assert.match(server.stderr, / \[INFO\] \[master\] worker \d \(pid \d+\) ended: stop, after [\d.]+ s$/m)
})

test('a failed request is named with its status and its root cause, the stack stands below', async (t) => {
  const server = await start(t, '')
  const why = 'no stock: connect ECONNREFUSED 127\\.0\\.0\\.1:5432'
  await ask(server.url, '/fail')
  await server.says(
    new RegExp(
      `\\[ERROR\\] \\[worker \\d\\] GET /fail → 500: ${why} request_id=\\S+\\n {4}Error: no stock\\n.*app\\.js:2:[^]*` +
        'caused by: Error: connect ECONNREFUSED',
    ),
  )
  await ask(server.url, '/cut').catch(() => undefined)
  await server.says(new RegExp(`GET /cut → 200, cut off: ${why} request_id=\\S+$`, 'm'))
  await ask(server.url, '/fail?key=1')
  await server.says(new RegExp(`GET /fail → 500: ${why} path="/fail\\?key=1" request_id=\\S+$`, 'm'))
  await server.stop()
})

test('a 5xx that the app sends itself has one line too, and one with a record has no second', async (t) => {
  const server = await start(t, '')
  await ask(server.url, '/fail')
  await ask(server.url, '/busy')
  await server.says(
    /\[WARN\] \[worker \d\] GET \/busy → 503: sent by the app, and no error has reached the server/,
  )
  await server.stop()
  assert.equal(server.stderr.split('[WARN]').length, 2, server.stderr)
})

test('in JSON a failed request has its event, method, target and status', async (t) => {
  const server = await start(t, `log_format: 'json', errorlog: 'error.log'`)
  await ask(server.url, '/fail?key=1')
  await until(server, 'request_failed')
  await server.stop()
  const failed = entries(server).find(({ event }) => event === 'request_failed') ?? assert.fail()
  const { nr, method, path, status, level } = failed
  assert.ok(nr === 0 || nr === 1)
  assert.deepEqual([level, method, path, status], ['error', 'GET', '/fail?key=1', 500])
})

for (const [where, settings] of [
  ['on the terminal', ''],
  ['in one file', `errorlog: 'all.log', applog: 'all.log'`],
  ['on the terminal, without capture', `capture_output: false`],
] as const) {
  test(`an uncaught error stands once, with all logs ${where}`, async (t) => {
    const server = await start(t, settings)
    await ask(server.url, '/die').catch(() => undefined)
    const text = (): string =>
      settings.includes('all.log') ? server.project.read('all.log') : server.stderr + server.stdout
    await server.until('the end of the worker', () => / died: it exited with code 1, /.test(text()))
    await server.until('the next worker', () => text().split('is ready after').length === 4)
    await server.stop()
    assert.equal(text().split(/\bat .*app\.js:\d+/).length - 1, 1, text())
    assert.match(
      text(),
      /\[ERROR\] \[master\] worker \d \(pid \d+\) died: it exited with code 1, after .*: an uncaught error: TypeError: nobody caught this$/m,
    )
  })
}

test('with the error log off, an uncaught error is in the app log', async (t) => {
  const server = await start(t, `errorlog: null`)
  await ask(server.url, '/die').catch(() => undefined)
  await server.until('the error', () => /TypeError: nobody caught this/.test(server.stdout))
  await server.stop()
  assert.match(server.stdout, /\bat .*app\.js:/)
})

test('with the logs in files the terminal shows that the server serves, and where', async (t) => {
  const server = await start(t, `errorlog: 'error.log', applog: 'app.log', accesslog: 'access.log'`)
  await server.stop()
  const { port } = new URL(server.url)
  assert.equal(
    server.stderr,
    `tsgun: serving at http://127.0.0.1:${port} (master pid ${server.pid}); error log: ${server.project.path('error.log')}\n`,
  )
})

test('a save in development is one line', async (t) => {
  const server = await start(t, 'reload: true')
  const before = server.stderr
  server.project.write('app.js', `export default (req, res) => res.end('new')\n`)
  await server.says(/ restarted: generation 2 serves, .* after a change of \S+app\.js$/m)
  assert.equal((await ask(server.url)).body, 'new')
  const lines = server.stderr
    .slice(before.length)
    .split('\n')
    .filter((line) => line !== '')
  assert.equal(lines.length, 1, server.stderr)
  await server.stop()
})
