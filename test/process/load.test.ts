// The server under load while its workers are killed: only the requests in progress on the killed worker are
// lost, and the server recovers.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { cutOff } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { count } from '../helpers/routes.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const app = `import express from 'express'
const app = express()
app.get('/', (req, res) => res.send(String(process.pid)))
export default app
`
const config = `import { defineConfig } from 'tsgun'
export default defineConfig({ app: './app.ts', bind: '127.0.0.1:0', workers: 3, accesslog: 'access.log', access_log_format: '%(s)s %(U)s' })
`
const connections = 64
const kills = 5

test('while a worker is killed with SIGKILL each second, only requests on that worker fail, and each worker is replaced', async (t) => {
  const project = createProject(t, { 'app.ts': app, 'server.config.ts': config }, ['express'])
  const server = await startServer(project)
  const startedAt = performance.now()
  const load = new Load(server.url, { kept: connections })
  const deaths: { readonly at: number; readonly pid: number; readonly connected: number }[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    await delay(1000)
    const pids = server.workerPids
    assert.equal(pids.length, 3, server.report())
    const pid = pids[kill % 3] ?? 0
    const connected = (): number => pids.reduce((sum, each) => sum + load.connectedTo(String(each)), 0)
    await server.until('every connection to have had an answer', () => connected() === connections)
    deaths.push({ at: performance.now(), pid, connected: load.connectedTo(String(pid)) })
    killProcess(pid, 'SIGKILL')
    await server.says(/is ready after/, 4 + kill)
  }
  await delay(500)
  await load.stop()
  for (const { pid } of deaths)
    assert.match(server.stderr, new RegExp(`worker \\d \\(pid ${pid}\\) died: it was ended by SIGKILL`))
  assert.equal(count(server.stderr, /died: it/), kills)
  assert.equal(server.workerPids.length, 3)
  for (const { at, reason, last } of load.failures) {
    const before = deaths.filter((death) => death.at <= at)
    assert.ok(last !== undefined, `a request on a new connection failed: ${reason}`)
    assert.ok(
      before.some(({ pid }) => last === String(pid)),
      `a request on a worker that lives failed: ${reason}`,
    )
    assert.match(reason, cutOff)
  }
  for (const { pid, connected } of deaths) {
    const failed = load.failures.filter(({ last }) => last === String(pid)).length
    assert.ok(failed <= connected, `${failed} failed of ${connected} connections`)
  }
  assert.ok(load.failures.length <= kills * connections)
  t.diagnostic(
    `${load.responseCount} requests answered, ${load.failures.length} failed, ${kills} workers killed`,
  )
  await server.stop()
  // A killed worker may lose the lines of its last moment: on a loaded machine those of up to a second.
  const lost = load.responseCount - count(project.read('access.log'), /^200 \/$/m)
  const perSecond = (load.responseCount / (performance.now() - startedAt)) * 1000
  assert.ok(lost <= kills * perSecond, `${lost} access lines are lost, at ${perSecond} requests per second`)
})
