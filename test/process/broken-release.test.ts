// Each way in which a release can be broken: the old generation serves every request of a running load, one
// record has the reason, the number of workers stays, and the next good release is accepted.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Load } from '../helpers/load.ts'
import { count } from '../helpers/routes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

const workers = 2
/** Responds with the name of its release; `/healthz` responds with `health`. */
const app = (release: string, health = 200): string =>
  `export default (req, res) => res.writeHead(req.url === '/healthz' ? ${health} : 200).end('${release}')\n`

interface Broken {
  readonly code: string
  /** Matches the record of the failure. */
  readonly why: RegExp
  /** More properties of the config. */
  readonly config?: string
}

/** Seconds after which a worker that hangs is ended. */
const shortBoot = 'boot_timeout: 2'

const releases: Readonly<Record<string, Broken>> = {
  'a syntax error': { code: 'export default (req, res => res.end()\n', why: /app\.js:1:\d+: / },
  'an exception at its import': {
    code: `throw new Error('no migration')\n`,
    why: /cannot load .*app\.js: no migration/,
  },
  'an export of the wrong kind': { code: 'export default 42\n', why: /app\.js/ },
  'a top-level await that is never fulfilled': {
    code: 'await new Promise(() => setInterval(() => {}, 1000))\n',
    why: /not ready within boot_timeout/,
    config: shortBoot,
  },
  'an endless loop at its import': {
    code: 'for (;;);\n',
    why: /not ready within boot_timeout/,
    config: shortBoot,
  },
  'a second port that bind does not have': {
    code: `import { createServer } from 'node:http'\ncreateServer().listen(9464)\n${app('greedy')}`,
    why: /listens on port 9464, which is not in bind/,
  },
  'a health check that fails': {
    code: app('ill', 503),
    why: /health_check: GET \/healthz (?:answered 503: "ill"|was not answered)/,
    config: `health_check: '/healthz', boot_timeout: 4`,
  },
  'process.exit(0) at its import': { code: 'process.exit(0)\n', why: /exited with code 0/ },
  'process.exit in its startup()': {
    code: `export const startup = () => process.exit(7)\n${app('leaver')}`,
    why: /exited with code 7/,
  },
  'a crash 200 ms after its start': {
    code: `setTimeout(() => { throw new Error('no cache') }, 200)\n${app('crasher')}`,
    why: /exited with code 1 \(Error: no cache\)/,
  },
  'an unhandled rejection 200 ms after its start': {
    code: `setTimeout(() => Promise.reject(new Error('no queue')), 200)\n${app('rejecter')}`,
    why: /exited with code 1 \(Error: no queue\)/,
  },
}

describe('a release with', { concurrency: false }, () => {
  const steps: (() => Promise<void>)[] = []
  let started: { readonly project: Project; readonly server: RunningServer; readonly load: Load } | undefined
  let attempts = 0

  before(async () => {
    const project = createProject({ after: (step) => void steps.push(step) }, { 'app.js': app('good 1') })
    writeConfig(project, '')
    const server = await startServer(project)
    started = { project, server, load: new Load(server.url, { kept: 4, fresh: 1 }) }
  })

  after(async () => {
    await started?.load.stop()
    for (const step of steps) await step()
  })

  for (const [name, { code, why, config = '' }] of Object.entries(releases)) {
    test(`${name} gets no request, and the old generation serves all requests`, async () => {
      assert.ok(started)
      const { project, server, load } = started
      const before = { pids: server.workerPids, log: server.stderr.length }
      attempts += 1
      project.write('app.js', code)
      writeConfig(project, `${config}`)
      server.signal('SIGHUP')
      await server.says(/reload failed, the old generation keeps serving/, attempts)
      await server.until('the trial worker to exit', () => server.workerPids.length === workers)
      assert.deepEqual(server.workerPids, before.pids)
      const { responseCount } = load
      await server.until('more responses', () => load.responseCount > responseCount + 20)
      const log = server.stderr.slice(before.log)
      assert.match(log, new RegExp(`reload failed, the old generation keeps serving: .*${why.source}`))
      assert.equal(count(log, /reload failed/), 1)
      assert.equal(count(log, /\) starts$/m), 1, 'only the trial worker starts')
      assert.deepEqual(load.failures, [], server.report())
      assert.deepEqual(new Set(load.bodies.keys()), new Set(['good 1']))
    })
  }

  test('no fault is accepted, and no request fails', async () => {
    assert.ok(started)
    const { project, server, load } = started
    project.write('app.js', app('good 2'))
    writeConfig(project, `health_check: '/healthz'`)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    const seen = load.bodies.get('good 2') ?? 0
    await server.until('responses of the new release', () => (load.bodies.get('good 2') ?? 0) > seen + 20)
    await load.stop()
    assert.deepEqual(load.failures, [], server.report())
    assert.deepEqual(new Set(load.bodies.keys()), new Set(['good 1', 'good 2']))
    await server.stop()
  })
})

function writeConfig(project: Project, text: string): void {
  project.write(
    'server.config.js',
    `export default { app: './app.js', bind: '127.0.0.1:0', workers: ${workers}, ${text} }\n`,
  )
}
