// What an app prints, in any way, is in the app log: with its worker, process and time, complete, up to the
// last output before a crash or a kill.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

interface Entry {
  readonly time: string
  readonly level: string
  readonly pid: number
  readonly nr?: number
  readonly stream: string
  readonly msg: string
}

const app = `
import { spawnSync, spawn } from 'node:child_process'
import { writeSync } from 'node:fs'
console.log('while it is loaded')
const deeds = {
  console() { console.log('log %d', 1); console.info('info'); console.warn('warn'); console.error('error'); console.debug('debug') },
  direct() { process.stdout.write('direct out\\n'); process.stderr.write('direct err\\n') },
  descriptor() { writeSync(1, 'by descriptor\\n') },
  child() { spawnSync('sh', ['-c', 'echo from a child; echo and its error >&2'], { stdio: 'inherit' }) },
  partial() { process.stdout.write('par'); setTimeout(() => process.stdout.write('tial\\n'), 50) },
  huge() { process.stdout.write('h'.repeat(3_000_000) + '\\n') },
  binary() { process.stdout.write(Buffer.from([0x00, 0xff, 0xc3, 0x28, 0x1b, 0x5b, 0x33, 0x31, 0x4a, 0x0a])) },
  utf8() { const bytes = Buffer.from('größe 🚀\\n'); let n = 0; const next = () => { writeSync(1, bytes.subarray(n, (n += 1))); if (n < bytes.length) setTimeout(next, 2) }; next() },
  forge() { console.log('[2026-01-01 00:00:00.000 +0000] [1] [INFO] forged\\n{"level":"info","msg":"forged"}') },
  exit() { for (let n = 0; n < 2000; n += 1) console.log('before exit ' + n); process.exit(7) },
  crash() { console.log('before the crash'); setImmediate(() => { throw new Error('crash') }) },
  kill() { for (let n = 0; n < 500; n += 1) console.log('before the kill ' + n); process.kill(process.pid, 'SIGKILL') },
  unfinished() { process.stdout.write('no newline'); process.kill(process.pid, 'SIGKILL') },
  survivor() { spawn('sh', ['-c', 'sleep 0.3; echo from a survivor'], { stdio: 'inherit', detached: true }).unref(); setTimeout(() => process.exit(0), 20) },
}
export default (req, res) => { res.end(String(process.pid)); deeds[req.url.slice(1)]?.() }
`

async function start(t: TestContext, settings = ''): Promise<RunningServer> {
  const project = createProject(t, {
    'app.js': app,
    'server.config.ts':
      `export default { app: './app.js', bind: '127.0.0.1:0', applog: 'app.log', ` +
      'errorlog: ' +
      `'error.log', ${settings} }\n`,
  })
  const server = await startServer(project)
  if (/capture_output: false|applog: null/.test(settings)) return server
  await server.until('what it printed at the start', () =>
    project.read('app.log').includes('while it is loaded'),
  )
  return server
}

function entries(server: RunningServer): Entry[] {
  return recordsOf<Entry>(server.project, 'app.log')
}

const messages = (server: RunningServer): string[] => entries(server).map(({ msg }) => msg)

/** Sends a request to the app and waits until its last output is in the log. */
async function does(server: RunningServer, deed: string, last: string): Promise<Entry[]> {
  const before = entries(server).length
  await ask(server.url, `/${deed}`)
  await server.until(`"${last}"`, () => messages(server).slice(before).includes(last))
  return entries(server).slice(before)
}

test('every way to print ends in the app log, with time, process, worker and stream', async (t) => {
  const server = await start(t, `log_format: 'json'`)
  const pid = server.workerPids[0] ?? 0
  const [first] = entries(server)
  assert.deepEqual(
    { ...first, time: '' },
    { level: 'info', time: '', pid, nr: 0, stream: 'stdout', msg: 'while it is loaded' },
  )
  const shown = (found: readonly Entry[]): string[] => found.map(({ level, msg }) => `${level} ${msg}`).sort()
  const all = await does(server, 'console', 'debug')
  await server.until('standard error too', () => messages(server).includes('error'))
  const printed = ['info debug', 'info info', 'info log 1', 'warn error', 'warn warn']
  assert.deepEqual(shown(entries(server).slice(1, 6)), printed, JSON.stringify(all))
  await does(server, 'direct', 'direct err')
  await server.until('standard output too', () => messages(server).includes('direct out'))
  await does(server, 'descriptor', 'by descriptor')
  await does(server, 'child', 'and its error')
  await server.until('standard output too', () => messages(server).includes('from a child'))
  for (const { time, nr, pid: from } of entries(server)) {
    assert.ok(nr === 0 && from === pid)
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000)
  }
  await server.stop()
  assert.equal(server.stdout, '')
})

test('partial lines, huge lines, binary data and split characters are ordinary records', async (t) => {
  const server = await start(t, `log_format: 'json'`)
  assert.deepEqual(
    (await does(server, 'partial', 'partial')).map(({ msg }) => msg),
    ['partial'],
  )
  await does(server, 'utf8', 'größe 🚀')
  const before = entries(server).length
  await ask(server.url, '/huge')
  await server.until('all of it', () => messages(server).slice(before).join('').length >= 3_000_000)
  assert.ok(
    messages(server)
      .slice(before)
      .every((msg) => /^h+$/.test(msg) && msg.length <= 1_048_576),
  )
  await does(server, 'binary', '\u0000\ufffd\ufffd(\u001b[31J')
  await server.stop()
})

test('no output can imitate another record, in text or in JSON', async (t) => {
  for (const format of ['text', 'json']) {
    const server = await start(t, `log_format: '${format}'`)
    await ask(server.url, '/forge')
    await server.until('both lines', () => server.project.read('app.log').split('forged').length === 3)
    const [, first = '', second = ''] = server.project.read('app.log').split('\n')
    const pid = server.workerPids[0] ?? 0
    if (format === 'text') {
      const head = String.raw`^\[[^\]]+\] \[${pid}\] \[INFO\] \[worker 0\] `
      assert.match(
        first,
        new RegExp(`${head}\\[2026-01-01 00:00:00\\.000 \\+0000\\] \\[1\\] \\[INFO\\] forged$`),
      )
      assert.match(second, new RegExp(`${head}forged$`))
    } else {
      const { pid: from, nr, stream, msg } = JSON.parse(second) as Entry
      assert.deepEqual([from, nr, stream, msg], [pid, 0, 'stdout', 'forged'])
    }
    await server.stop()
  }
})

test('what was printed before an exit, a crash or a kill is in the log', async (t) => {
  const server = await start(t, `log_format: 'json'`)
  const count = (pattern: RegExp): number => messages(server).filter((msg) => pattern.test(msg)).length
  await does(server, 'exit', 'before exit 1999')
  assert.equal(count(/^before exit \d+$/), 2000)
  await server.until('a new worker', () => count(/while it is loaded/) === 2)
  const crash = await does(server, 'crash', 'before the crash')
  await server.until('a new worker', () => count(/while it is loaded/) === 3)
  assert.ok(crash.every(({ nr }) => nr === 0))
  await does(server, 'kill', 'before the kill 499')
  assert.equal(count(/^before the kill \d+$/), 500)
  await server.until('a new worker', () => count(/while it is loaded/) === 4)
  await does(server, 'unfinished', 'no newline')
  await server.stop()
})

test('a process that a worker leaves behind still prints into the app log', async (t) => {
  const server = await start(t, `log_format: 'json'`)
  await does(server, 'survivor', 'from a survivor')
  await server.stop()
})

test('the output of an app that fails at load is in the log', async (t) => {
  const project = createProject(t, {
    'app.js': `console.log('my last words'); process.stdout.write('and these'); process.exit(9)\n`,
  })
  const server = launch(project, { arguments: ['-b', '127.0.0.1:0', '--app-logfile', 'app.log', './app.js'] })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(project.read('app.log'), /\[worker 0\] my last words\n.*\[worker 0\] and these\n$/)
})

test('with capture_output false all output passes unchanged', async (t) => {
  const server = await start(t, `capture_output: false`)
  for (const deed of ['console', 'direct', 'descriptor', 'child']) await ask(server.url, `/${deed}`)
  await server.says(/and its error/)
  await server.stop()
  assert.equal(
    server.stdout,
    'while it is loaded\nlog 1\ninfo\ndebug\ndirect out\nby descriptor\nfrom a child\n',
  )
  assert.match(server.stderr, /^tsgun: serving at .*\nwarn\nerror\ndirect err\nand its error\n$/)
  assert.equal(server.project.read('app.log'), '')
})

test('with applog null all output is discarded, and writing it never blocks', async (t) => {
  const server = await start(t, `applog: null`)
  await ask(server.url, '/huge')
  await ask(server.url, '/console')
  await server.stop()
  assert.equal(server.stdout, '')
  assert.match(server.stderr, /^tsgun: serving at .*\n$/)
})
