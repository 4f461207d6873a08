// A worker that dies in any way: what it had printed and logged is in the files, and the error log has who
// ended it, how, and what it last wrote to standard error.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { ask } from '../helpers/http.ts'
import { isAlive, killProcess } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `
import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
const deeds: Record<string, () => unknown> = {
  exception() { setImmediate(() => { throw new TypeError('nobody caught this') }) }, // line 5
  rejection() { void Promise.reject(new TypeError('nobody awaited this')) }, // line 6
  exit() { console.error('I leave'); process.exit(42) },
  nothing() { process.exit(0) },
  abort() { console.error('I give up'); process.abort() },
  kill() { console.error('one'); console.error('two'); process.kill(process.pid, 'SIGKILL') },
  segv() { process.kill(process.pid, 'SIGSEGV') },
  memory() { const kept: number[][] = []; for (;;) kept.push(new Array<number>(10_000).fill(1.5)) },
  block() { console.error('I compute'); for (;;); },
  fail() { throw new Error('this request fails') },
  long() { process.stdout.write('x'.repeat(999_999) + '\\n'); process.stderr.write('y'.repeat(999_999) + '\\n'); process.exit(7) },
  much() { for (let n = 0; n < 50_000; n += 1) writeSync(n % 2 + 1, 'line ' + String(n).padStart(94, '0') + '\\n'); process.kill(process.pid, 'SIGKILL') },
  survivor() { const child = spawn('sleep', ['60'], { stdio: 'inherit' }); console.error('I leave', child.pid); process.kill(process.pid, 'SIGKILL') },
  soon() { setTimeout(() => { process.stderr.write(Array.from({ length: 500 }, (_, n) => 'line ' + n + '\\n').join('') + 'the last\\n'); process.kill(process.pid, 'SIGKILL') }, 500) },
  hostile() { process.stderr.write('\\u001b[31mred\\u001b[2J\\n[2026-01-01 00:00:00.000 +0000] [1] [FATAL] forged\\n'); process.exit(1) },
}
if (process.env['HANG'] === 'yes') { console.error('I hang'); for (;;); }
interface Answer { end(text: string): void; writeHead(status: number): void }
export default (req: { url: string }, res: Answer): void => { deeds[req.url.slice(1)]?.(); res.end('ok') }
`

async function start(
  t: TestContext,
  settings = '',
  files: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const logs = `accesslog: 'access.log', errorlog: 'error.log', applog: 'app.log'`
  const project = createProject(t, {
    'app.ts': app,
    'server.config.ts':
      `export default { app: './app.ts', bind: '127.0.0.1:0', log_format: 'json', ` +
      `${logs}, ` +
      `${settings} ` +
      '}\n',
    ...files,
  })
  return startServer(project)
}

type Entry = Readonly<Record<string, unknown>> & { readonly msg: string }

function entries(server: RunningServer, log: 'error' | 'app'): Entry[] {
  return recordsOf<Entry>(server.project, `${log}.log`)
}

const deaths = (server: RunningServer): Entry[] =>
  entries(server, 'error').filter(({ msg }) => /died: it|was ended by/.test(msg))

/** Sends a request that no worker survives, and returns the record of its end. */
async function deathOf(server: RunningServer, deed: string): Promise<Entry> {
  const before = deaths(server).length
  const ready = entries(server, 'error').filter(({ msg }) => / is ready after /.test(msg)).length
  await ask(server.url, `/${deed}`).catch(() => undefined)
  await server.until(`the end by ${deed}`, () => deaths(server).length > before)
  await server.until('another worker', () => {
    return entries(server, 'error').filter(({ msg }) => / is ready after /.test(msg)).length > ready
  })
  return deaths(server)[before] ?? { msg: '' }
}

/** Its last lines; at most 50, of at most 16 KiB. */
function lastLines({ stderr }: Entry): string {
  assert.ok(Array.isArray(stderr) && stderr.length <= 50)
  const text = stderr.join('\n')
  assert.ok(Buffer.byteLength(text) < 16_400)
  return text
}

interface Death {
  readonly deed: string
  readonly msg: RegExp
  readonly ended: readonly [code: number | null, signal: string | null, by: string]
  readonly stderr: RegExp
}

/** By the cause that the operator sees. */
const causes: Readonly<Record<string, Death>> = {
  'an uncaught exception': {
    deed: 'exception',
    msg: /exited with code 1, after [\d.]+ m?s: an uncaught error: TypeError: nobody caught this$/,
    ended: [1, null, 'itself'],
    stderr: /^$/, // it stands in the record before, with its stack
  },
  'an unhandled rejection': {
    deed: 'rejection',
    msg: /exited with code 1, after [\d.]+ m?s: an uncaught error: TypeError: nobody awaited this$/,
    ended: [1, null, 'itself'],
    stderr: /^$/,
  },
  'process.exit in the middle of a request': {
    deed: 'exit',
    msg: /exited with code 42, after [\d.]+ m?s$/,
    ended: [42, null, 'itself'],
    stderr: /^I leave$/,
  },
  'process.exit without an error': {
    deed: 'nothing',
    msg: /exited with code 0, after [\d.]+ m?s: process\.exit, called by the app or a library$/,
    ended: [0, null, 'itself'],
    stderr: /^$/,
  },
  'process.abort': {
    deed: 'abort',
    msg: /was ended by SIGABRT, after [\d.]+ m?s: process\.abort\(\), or a fatal error of V8 or of native code$/,
    ended: [null, 'SIGABRT', 'itself'],
    stderr: /^I give up(\n|$)/,
  },
  SIGKILL: {
    deed: 'kill',
    msg: /was ended by SIGKILL, after [\d.]+ m?s: not by tsgun: by a person, or by the kernel because memory ran out$/,
    ended: [null, 'SIGKILL', 'other'],
    stderr: /^one\ntwo$/,
  },
  'a crash of native code': {
    deed: 'segv',
    msg: /was ended by SIGSEGV, after [\d.]+ m?s: native code accessed invalid memory, for example an addon/,
    ended: [null, 'SIGSEGV', 'itself'],
    stderr: /^$/,
  },
  'a heap that is full': {
    deed: 'memory',
    msg: /was ended by SIGABRT, after [\d.]+ m?s: V8 is out of memory; .*--max-old-space-size/,
    ended: [null, 'SIGABRT', 'itself'],
    stderr: /FATAL ERROR: .*heap out of memory/,
  },
}

for (const [cause, { deed, msg, ended, stderr }] of Object.entries(causes)) {
  test(`a worker that dies of ${cause} is logged with its identity, how it ended and its last lines`, async (t) => {
    const server = await start(t, `env: { NODE_OPTIONS: '--max-old-space-size=40' }`)
    const [pid] = server.workerPids
    const death = await deathOf(server, deed)
    assert.match(death.msg, new RegExp(`^worker 0 \\(pid ${pid}\\) died: it `))
    assert.match(death.msg, msg)
    assert.match(lastLines(death), stderr)
    const { level, exit_code, signal, ended_by, nr, worker_pid, age, generation, reason, uptime_ms } = death
    assert.deepEqual([exit_code, signal, ended_by], ended)
    const why = deed === 'memory' ? 'oom' : ended[1] === null ? 'exit' : 'signal'
    assert.deepEqual([level, nr, worker_pid, age, generation, reason], ['error', 0, pid, 1, 1, why])
    assert.ok(typeof uptime_ms === 'number' && uptime_ms > 0 && uptime_ms < 600_000)
    await server.stop()
  })
}

test('an orderly end is not a death: its record has no last lines', async (t) => {
  const server = await start(t)
  await server.stop()
  const [end] = entries(server, 'error').filter(({ msg }) => / ended: \w+, after/.test(msg))
  assert.deepEqual(
    [end?.['level'], end?.['ended_by'], end?.['reason'], end?.['stderr']],
    ['info', 'tsgun', 'stop', undefined],
  )
})

test('in a CommonJS project too, an uncaught error has the TypeScript file and line', async (t) => {
  const server = await start(t, '', { 'package.json': '{}\n' })
  await deathOf(server, 'exception')
  const fatal = entries(server, 'error').filter(({ level }) => level === 'fatal')
  assert.deepEqual(
    fatal.map(({ event, nr }) => [event, nr]),
    [['uncaught_error', 0]],
  )
  assert.match(JSON.stringify(fatal[0]?.['err']), /"stack":"TypeError: nobody caught this\\n[^"]*app\.ts:5:/)
  await server.stop()
})

test('a worker that the master kills is logged with the exceeded limit: timeout', async (t) => {
  const server = await start(t, 'timeout: 2')
  const death = await deathOf(server, 'block')
  assert.match(
    death.msg,
    /SIGKILL, after [\d.]+ m?s: tsgun killed it: its event loop stayed silent after the abort$/,
  )
  assert.deepEqual([death['ended_by'], death['reason'], death['signal']], ['tsgun', 'timeout', 'SIGKILL'])
  assert.equal(lastLines(death), 'I compute')
  await server.stop()
})

test('a worker that the master kills is logged with the exceeded limit: boot_timeout', async (t) => {
  const server = await start(t)
  server.project.write(
    'server.config.ts',
    server.project.read('server.config.ts').replace('app:', `boot_timeout: 4, env: { HANG: 'yes' }, app:`),
  )
  server.signal('SIGHUP')
  await server.until('the end', () => deaths(server).length > 0)
  const [death] = deaths(server)
  assert.match(
    death?.msg ?? '',
    /SIGKILL before it was ready, after [\d.]+ m?s: tsgun killed it: it was not ready within boot_timeout/,
  )
  assert.deepEqual(
    [death?.['ended_by'], death?.['reason'], death?.['generation']],
    ['tsgun', 'boot_timeout', 2],
  )
  assert.equal(lastLines(death ?? { msg: '' }), 'I hang')
  await server.stop()
})

test('a worker that the master kills is logged with the exceeded limit: graceful_timeout', async (t) => {
  const server = await start(t, 'graceful_timeout: 0.5')
  void ask(server.url, '/block').catch(() => undefined)
  await server.until('the loop', () => server.project.read('app.log').includes('I compute'))
  await server.stop()
  const [death] = deaths(server)
  assert.match(death?.msg ?? '', /SIGKILL: tsgun killed it: it did not exit in time \(stop\)$/)
  assert.deepEqual([death?.['ended_by'], death?.['reason'], death?.['level']], ['tsgun', 'stop', 'error'])
  assert.equal(lastLines(death ?? { msg: '' }), 'I compute')
})

test('output of any size just before the end is in the app log; the error log repeats a part of it', async (t) => {
  const server = await start(t)
  const long = await deathOf(server, 'long')
  const printed = entries(server, 'app').map(({ msg }) => msg)
  assert.ok(printed.includes('x'.repeat(999_999)) && printed.includes('y'.repeat(999_999)))
  assert.match(lastLines(long), /^…y{16000,}$/)
  const much = await deathOf(server, 'much')
  const numbers = (): number[] =>
    entries(server, 'app').flatMap(({ msg }) => (msg.startsWith('line ') ? [Number(msg.slice(5))] : []))
  // The record of the end is in another file, which may be written first.
  await server.until('all lines', () => numbers().length >= 50_000)
  assert.equal(numbers().length, 50_000)
  assert.equal(new Set(numbers()).size, 50_000)
  assert.match(lastLines(much), /^(line 0+49\d\d\d\n)+line 0+49999$/)
  await server.stop()
})

test('every failed request before a kill is in the error log, and every access line older than a moment', async (t) => {
  const server = await start(t)
  for (let count = 0; count < 30; count += 1) await ask(server.url, '/fine')
  await delay(500) // the interval, and an allowance for a busy machine
  await Promise.all(Array.from({ length: 50 }, () => ask(server.url, '/fail')))
  await deathOf(server, 'kill')
  const failed = entries(server, 'error').filter(({ msg }) => msg === 'GET /fail → 500: this request fails')
  assert.equal(failed.length, 50)
  const lines = server.project.read('access.log').split('\n')
  assert.equal(lines.filter((line) => line.includes('/fine')).length, 30)
  await server.stop()
})

test('what was logged before the loop was blocked is in the log although the worker is killed', async (t) => {
  const server = await start(t, 'timeout: 2')
  for (let count = 0; count < 30; count += 1) await ask(server.url, '/fine')
  await delay(500)
  await deathOf(server, 'block')
  await server.stop()
  const lines = server.project.read('access.log').split('\n')
  assert.equal(lines.filter((line) => line.includes('/fine')).length, 30)
})

test('a master that was stopped reads the last output before it reports the end', async (t) => {
  const server = await start(t)
  const [pid = 0] = server.workerPids
  await ask(server.url, '/soon')
  server.signal('SIGSTOP')
  await server.until('the end', () => !isAlive(pid))
  await delay(300) // longer than the wait for the last output
  server.signal('SIGCONT')
  await server.until('the record of the end', () => deaths(server).length > 0)
  assert.match(lastLines(deaths(server)[0] ?? { msg: '' }), /^(line \d+\n)+line 499\nthe last$/)
  await server.stop()
})

test('a process that a dead worker leaves behind delays neither the report of its end nor its replacement', async (t) => {
  const server = await start(t)
  const death = await deathOf(server, 'survivor')
  const [, child] = /^I leave (\d+)$/.exec(lastLines(death)) ?? []
  assert.ok(isAlive(Number(child)), 'it holds the pipe for a minute')
  killProcess(Number(child))
  await server.stop()
})

test('at a terminal the last lines are a block below the record, in which nothing can imitate another record', async (t) => {
  const server = await start(t, `log_format: 'text', errorlog: '-'`)
  await ask(server.url, '/hostile').catch(() => undefined)
  await server.says(/is ready after/, 2)
  const block =
    /died: it exited with code 1, .*\n {4}stderr:\n {8}red\\x1b\[2J\n {8}\[2026-01-01 .*\] forged\n\[/
  assert.match(server.stderr, block)
  await server.stop()
})

test('without captured output no last lines are logged, but the rest is', async (t) => {
  const server = await start(t, 'capture_output: false')
  const death = await deathOf(server, 'exit')
  assert.match(death.msg, /exited with code 42, after [\d.]+ m?s$/)
  assert.ok(!('stderr' in death) && death['ended_by'] === 'itself')
  await server.says(/^I leave$/m) // by its own pipe
  await server.stop()
})
