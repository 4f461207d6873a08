// `health_check`: a worker serves when its app reports that it is healthy, and the check leaves no trace.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const config = (text: string): string =>
  `export default { app: './app.js', bind: '127.0.0.1:0', accesslog: '-', ${text} }\n`

test('a worker waits until its app is healthy; the check is in no log, runs no hook and does not count for max_requests', async (t) => {
  const project = createProject(t, {
    'app.js': `let asked = 0
export default (req, res) => {
  if (req.url !== '/healthz') return res.end('asked ' + asked)
  asked += 1
  if (asked < 3) throw new Error('not yet')
  res.end()
}\n`,
    'server.config.js': config(
      `health_check: '/healthz', max_requests: 2, pre_request: (worker, req) => ` +
        `console.log('pre_request', req.url)`,
    ),
  })
  const server = await startServer(project)
  assert.equal((await ask(server.url, '/first')).body, 'asked 3')
  await server.says(/GET \/first /)
  await server.says(/pre_request \/first/)
  await server.stop()
  assert.doesNotMatch(server.stdout, /healthz/)
  assert.doesNotMatch(server.stderr, /not yet|max_requests/)
})

test('an app that does not become healthy ends the start with exit code 3, its last response and its own error', async (t) => {
  const project = createProject(t, {
    'app.js': `export default (req, res) => { throw new Error('no database') }\n`,
    'server.config.js': config(`health_check: '/healthz', boot_timeout: 2`),
  })
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(
    server.stderr,
    /failed to boot: health_check: GET \/healthz answered 500.*; there was no 2xx for \d\.\d s/,
  )
  assert.match(server.stderr, /Error: no database\n +at .*app\.js:1/)
})
