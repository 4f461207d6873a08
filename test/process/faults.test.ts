// Errors that no request has caused and no handler has caught: they are logged with their stack, the worker
// ends as Node ends it, and another one takes its place.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type RunningServer } from '../helpers/tsgun.ts'

const app = `
const faults: Record<string, () => unknown> = {
  exception: () => setImmediate(() => { throw new TypeError('nobody caught this') }),
  rejection: () => void Promise.reject(new TypeError('nobody caught this')),
  text: () => setImmediate(() => { throw 'just text' }),
  nothing: () => void Promise.reject(undefined),
  hostile: () => void Promise.reject(Object.create(null)),
  unlookable: () => setImmediate(() => { throw Object.defineProperty(new Error('x'), 'message', { get() { throw new Error('no') } }) }),
  code: () => { process.exitCode = 5; setImmediate(() => { throw new Error('with a code') }) },
}
if (process.env['HANDLED'] !== undefined) process.on('uncaughtException', (error) => console.log('handled:', error.message))
export default (req: { url: string }, res: { end(text: string): void }): void => { res.end('ok'); faults[req.url.slice(1)]?.() }
`

function start(t: TestContext, settings = ''): Promise<RunningServer> {
  const project = createProject(t, {
    'app.ts': app,
    'server.config.ts':
      `export default { app: './app.ts', bind: '127.0.0.1:0', accesslog: 'access.log', ` +
      `${settings} ` +
      '}\n',
  })
  return startServer(project)
}

test('an uncaught exception and an unhandled rejection are logged with the TypeScript line, and the worker is replaced', async (t) => {
  const server = await start(t)
  for (const [path, what, line] of [
    ['exception', 'an uncaught exception', 3],
    ['rejection', 'an unhandled rejection', 4],
  ] as const) {
    const [pid] = server.workerPids
    await ask(server.url, `/${path}`)
    await server.says(new RegExp(`worker 0 \\(pid ${pid}\\) died: it exited with code 1`))
    const expected = new RegExp(
      `\\[${pid}\\] \\[FATAL\\] \\[worker 0\\] ${what} ends this worker: nobody caught this.*\\n ` +
        `+TypeError: nobody caught this\\n.*app\\.ts:${line}:`,
    )
    await server.says(expected)
    await server.until('the replacement', () => {
      const [next, ...more] = server.workerPids
      return next !== undefined && next !== pid && more.length === 0
    })
    assert.equal((await ask(server.url)).body, 'ok')
  }
  await server.stop()
  assert.equal(
    server.project.read('access.log').split('\n').length,
    5,
    'also the requests of the workers that died have their lines',
  )
})

test('whatever was thrown, the worker logs that it ends', async (t) => {
  const server = await start(t)
  let number = 1
  for (const [path, expected] of [
    ['text', 'an uncaught exception ends this worker: just text'],
    ['nothing', 'an unhandled rejection ends this worker: '],
    ['hostile', 'an unhandled rejection ends this worker: '],
    ['unlookable', 'an uncaught exception ends this worker: an error that cannot be shown'],
  ] as const) {
    await ask(server.url, `/${path}`)
    await server.says(/died: it exited with code/, number)
    await server.until(expected, () => server.stderr.includes(expected))
    number += 1
    await server.says(/is ready after/, number)
  }
  await server.stop()
})

test('an app that handles uncaught exceptions keeps its worker, and the error log says that the app decided so', async (t) => {
  const server = await start(t, `env: { HANDLED: '1' }`)
  const pids = server.workerPids
  await ask(server.url, '/exception')
  await server.says(/an uncaught exception is left to the app's own handler: nobody caught this/)
  await server.says(/handled: nobody caught this/)
  assert.equal((await ask(server.url)).body, 'ok')
  assert.deepEqual(server.workerPids, pids)
  await server.stop()
})

test('JSON records of the error log parse, and have the time, the level, the process and the message', async (t) => {
  const server = await start(t, `log_format: 'json', errorlog: 'error.log'`)
  await ask(server.url, '/exception')
  await server.until(
    'the replacement',
    () => server.project.read('error.log').split('is ready after').length === 3,
  )
  await server.stop()
  const records = recordsOf<Record<string, unknown>>(server.project, 'error.log')
  for (const { time, level, pid, msg } of records) {
    assert.equal(new Date(String(time)).toISOString(), time)
    assert.match(String(level), /^(info|warn|error|fatal)$/)
    assert.ok(typeof pid === 'number' && typeof msg === 'string' && msg !== '')
  }
  const fatal = records.find(({ level }) => level === 'fatal')
  assert.equal(fatal?.['nr'], 0)
  assert.match((fatal?.['err'] as { stack: string }).stack, /app\.ts:3:/)
})

test('loglevel removes records of lower levels from the error log', async (t) => {
  const server = await start(t, `loglevel: 'warn'`)
  await ask(server.url, '/exception')
  await server.says(/died: it exited with code 1/)
  await server.until('the replacement', () => server.workerPids.length === 1)
  await ask(server.url)
  await server.stop()
  assert.doesNotMatch(server.stderr, /\[INFO\]|\[DEBUG\]/)
  assert.match(server.stderr, /\[FATAL\]/)
})
