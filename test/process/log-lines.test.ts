// The records of a life in the error log: for machines the event, the worker and the duration in every one of
// them, for people a sentence without the fields that it says already.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventTable } from '../../src/arbiter/report/event-table.ts'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `export default (req, res) => {
  if (req.url === '/block') for (;;);
  res.end('served')
}
`

function start(t: TestContext, settings: string): Promise<RunningServer> {
  const config = `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, ${settings} }\n`
  return startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
}

interface Entry {
  readonly event?: keyof typeof eventTable
  readonly level: string
  readonly msg: string
  readonly nr?: number
  readonly worker_pid?: number
  readonly duration_ms?: number
  readonly [field: string]: unknown
}

const entries = (server: RunningServer): Entry[] => recordsOf<Entry>(server.project, 'error.log')

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
    assert.ok(event !== undefined && Object.hasOwn(eventTable, event), said)
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
