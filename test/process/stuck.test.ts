// Stuck workers: each way to block is detected, logged with its place and its requests, and ended; the other
// workers serve meanwhile.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { groupMembers, isAlive, killIfRunning, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `import { execSync } from 'node:child_process'
interface Request { readonly url: string }
interface Response { end(text: string): void }
type Way = 'loop' | 'regex' | 'json' | 'wait' | 'exec'

const ways: Record<Way, () => unknown> = {
  loop: () => { for (;;); },
  regex: () => /^(a+)+$/.test('a'.repeat(50) + 'b'),
  json: () => { for (const text = '[' + '[1,2,3],'.repeat(50_000) + '1]'; ; ) JSON.parse(text) },
  wait: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0),
  exec: () => execSync('sleep 600'),
}
export default (request: Request, response: Response): void => {
  const way = request.url.slice(1)
  if (way === 'hang') return
  if (way in ways) {
    console.log('blocking')
    ways[way as Way]()
  }
  response.end(String(process.pid))
}
`
/** Lines of the app above. */
const lines = { loop: 7, regex: 8, wait: 10 } as const

async function start(
  t: TestContext,
  settings: string,
  files: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const config = `import { appendFileSync } from 'node:fs'
export default { app: './app.ts', bind: '127.0.0.1:0', timeout: 2, accesslog: 'access.log', ${settings},
  worker_abort: ({ pid }: { pid: number }) => appendFileSync('aborted.txt', pid + '\\n') }\n`
  return startServer(
    createProject(t, { 'app.ts': app, 'server.config.ts': config, 'aborted.txt': '', ...files }),
  )
}

/** Its sentence and all that is indented below. */
function recordsOf(server: RunningServer, words: RegExp): string[] {
  return server.stderr.split(/\n(?=\[)/).filter((record) => words.test(record))
}

for (const [way, line] of Object.entries(lines)) {
  test(
    `a worker that JavaScript blocks (${way}) is logged with the TypeScript line and its requests, and ` +
      'replaced',
    async (t) => {
      const server = await start(t, `workers: 2, log_format: 'text', access_log_format: '%(m)s %(U)s %(s)s'`)
      const before = server.workerPids
      const stuck = ask(server.url, `/${way}`).catch((error: Error) => error)
      await server.says(/blocking/) // a connection that the worker accepts in the same turn is lost with it
      const load = new Load(server.url, { kept: 0, fresh: 2 })
      await server.says(/died: it was ended by SIGKILL, after [\d.]+ m?s: tsgun killed it/)
      await server.says(/is ready after/, 3)
      await load.stop()
      assert.deepEqual(load.failures, [], server.report())
      assert.ok((await stuck) instanceof Error)
      const [report = '', ...more] = recordsOf(server, /is stuck in/)
      assert.match(report, /is stuck in JavaScript; it uses \d+ MB, \d+ MB of \d+ MB of its heap$/m)
      assert.match(
        report,
        new RegExp(
          `in_flight:\n +GET /${way} age_ms=\\d+ request_id=\\S+\n +stack:\n +at ` +
            `.*${way}.*\\(.*/app\\.ts:${line}:\\d+\\)`,
        ),
      )
      assert.deepEqual(
        [more.length, recordsOf(server, /is aborted/).length, recordsOf(server, /died: it/).length],
        [0, 1, 1],
      )
      const [pid] = before.filter((each) => !server.workerPids.includes(each))
      assert.equal(
        server.project.read('aborted.txt'),
        `${pid}\n`,
        'worker_abort ran once, in the worker that was stuck',
      )
      await server.stop()
      assert.match(server.project.read('access.log'), new RegExp(`^GET /${way} 500$`, 'm'))
    },
  )
}

test(
  'a worker that parses huge JSON, mostly in native code, is logged with its requests, and ' + 'replaced',
  async (t) => {
    const server = await start(t, 'workers: 1')
    const stuck = ask(server.url, '/json').catch((error: Error) => error)
    await server.says(/died: it was ended by SIGKILL, after [\d.]+ m?s: tsgun killed it/)
    await server.says(/is ready after/, 2)
    assert.ok((await stuck) instanceof Error)
    assert.match(
      recordsOf(server, /is stuck in/)[0] ?? '',
      /is stuck in (JavaScript|native code)[^]*\n +GET \/json age_ms=\d+/,
    )
    await server.stop()
  },
)

test(
  'a worker that native code blocks is logged with its requests, and replaced before it has ' + 'exited',
  async (t) => {
    const server = await start(t, 'workers: 1')
    const [pid = 0] = server.workerPids
    const stuck = ask(server.url, '/exec').catch((error: Error) => error)
    await server.says(/is stuck in native code/)
    assert.match(
      recordsOf(server, /is stuck in/)[0] ?? '',
      /no JavaScript stack; it uses \d+ MB\n +in_flight:\n +GET \/exec age_ms=\d+$/m,
    )
    assert.ok(
      server.stderr.search(/\) starts$(?![^]*\) starts$)/m) < server.stderr.search(/is stuck in native code/),
      server.report(),
    )
    await server.says(/died: it was ended by SIGKILL, after [\d.]+ m?s: tsgun killed it/)
    assert.ok((await stuck) instanceof Error)
    assert.ok(!isAlive(pid))
    const known = [server.pid, ...server.workerPids]
    // the command has outlived its worker
    for (const left of groupMembers(server.pid)) if (!known.includes(left)) killIfRunning(left)
    assert.notEqual((await ask(server.url)).body, String(pid))
    await server.stop()
  },
)

test(
  'a worker that is stopped as a whole cannot report anything, and is killed and replaced all the ' + 'same',
  async (t) => {
    const server = await start(t, 'workers: 2')
    const [pid = 0] = server.workerPids
    killProcess(pid, 'SIGSTOP')
    await server.says(/is aborted: its event loop was silent/)
    await server.says(/died: it was ended by SIGKILL, after [\d.]+ m?s: tsgun killed it/)
    await server.says(/is ready after/, 3)
    assert.deepEqual(recordsOf(server, /is stuck in/), [])
    await server.stop()
  },
)

test('with watchdog: false a stuck worker is killed and replaced without a report', async (t) => {
  const server = await start(t, 'workers: 1, watchdog: false')
  const stuck = ask(server.url, '/loop').catch((error: Error) => error)
  await server.says(/died: it was ended by SIGKILL, after [\d.]+ m?s: tsgun killed it/)
  await server.says(/is ready after/, 2)
  assert.ok((await stuck) instanceof Error)
  assert.deepEqual([recordsOf(server, /is stuck in/), server.project.read('aborted.txt')], [[], ''])
  await server.stop()
})

test('a worker with a debugger attached is not ended, and one warning is logged', async (t) => {
  const server = await start(t, `workers: 1, timeout: 0.6, env: { NODE_OPTIONS: '--inspect=127.0.0.1:0' }`, {
    'app.ts': `export default (request: { url: string }, response: { end(text: string): void }): void => {
      for (const end = Date.now() + (request.url === '/long' ? 2500 : 0); Date.now() < end; );
      response.end(String(process.pid))
    }\n`,
  })
  const [pid] = server.workerPids
  await server.says(/may have a debugger attached/)
  assert.equal((await ask(server.url, '/long')).body, String(pid))
  assert.equal(recordsOf(server, /may have a debugger attached/).length, 1)
  assert.deepEqual(recordsOf(server, /is aborted|is stuck/), [])
  await server.stop()
})

test('a master that was stopped for longer than timeout, and continues, kills no worker', async (t) => {
  const server = await start(t, 'workers: 2')
  const pids = server.workerPids
  server.signal('SIGSTOP')
  await new Promise((resolve) => setTimeout(resolve, 4000)) // the silence itself is what is tested
  server.signal('SIGCONT')
  await server.says(/the master itself was blocked/)
  await new Promise((resolve) => setTimeout(resolve, 3000)) // longer than timeout: a mistake would show
  assert.deepEqual(server.workerPids, pids)
  assert.deepEqual(recordsOf(server, /is aborted|is stuck/), [])
  await server.stop()
})

for (const [where, source, told] of [
  [
    'in its own code',
    `for (;;);\nexport default (req, res) => undefined\n`,
    /is stuck in JavaScript; it is still loading \.\/app\.ts; .*\n +stack:\n +at .*app\.ts:1:/,
  ],
  [
    'in a top-level await',
    `await new Promise(() => setInterval(() => undefined, 10))\nexport default (req, res) => undefined\n`,
    /is waiting, not blocked: its event loop turns; it is still loading \.\/app\.ts/,
  ],
  [
    'in startup()',
    `export function startup(): void {\n  for (;;);\n}\nexport default (req, res) => undefined\n`,
    /is stuck in JavaScript; it is still in the app's startup\(\); .*\n +stack:\n +at .*startup \(.*app\.ts:2:/,
  ],
] as const) {
  test(`an app that hangs ${where} while it boots ends with the same report at boot_timeout`, async (t) => {
    const project = createProject(t, { 'app.ts': source })
    const server = launch(project, { arguments: ['-b', '127.0.0.1:0', '--boot-timeout', '4', './app.ts'] })
    assert.deepEqual(await server.exit(), { code: 3, signal: null }, server.report())
    assert.match(server.stderr, told)
    assert.match(server.stderr, /not ready within boot_timeout/)
  })
}

test('a hook that blocks the boot is named', async (t) => {
  const config =
    `export default { app: './app.ts', bind: '127.0.0.1:0', boot_timeout: 4, post_fork() { for (;;); } ` +
    '}\n'
  const project = createProject(t, { 'app.ts': app, 'server.config.ts': config })
  const server = launch(project)
  assert.equal((await server.exit()).code, 3, server.report())
  assert.match(
    server.stderr,
    /is stuck in JavaScript; it is still in the hook post_fork; .*\n +stack:\n +at .*post_fork.*server\.config\.ts:1:/,
  )
})
