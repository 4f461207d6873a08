// HUP: what a reload changes, what it keeps, and that neither a good nor a broken one costs a request.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load } from '../helpers/load.ts'
import { count, routesApp, trace, tracingConfig } from '../helpers/routes.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type RunningServer } from '../helpers/tsgun.ts'

/** An app that responds with `answer` and the variable MODE. */
const answering = (answer: string): string =>
  `export default (req, res) => res.end('${answer} ' + process.env.MODE)\n`
const config = (text: string): string => `export default { app: './app.js', bind: '127.0.0.1:0', ${text} }\n`

async function reload(server: RunningServer, generation: number): Promise<void> {
  server.signal('SIGHUP')
  await server.says(new RegExp(`reload done: generation ${generation} serves`))
}

test('a reload loads the current app, settings, hooks and number of workers', async (t) => {
  const project = createProject(t, {
    'app.js': answering('old'),
    'server.config.js': config(`env: { MODE: 'red' }, post_worker_init: () => console.log('old hook')`),
  })
  const server = await startServer(project)
  assert.equal((await ask(server.url)).body, 'old red')
  project.write('app.js', answering('new'))
  project.write(
    'server.config.js',
    config(
      `workers: 3, env: { MODE: 'blue' }, post_worker_init: () => console.log('new hook'), on_reload: ` +
        `(server) => console.log('on_reload', server.num_workers)`,
    ),
  )
  await reload(server, 2)
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server.url)))
  assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set(['new blue']))
  assert.match(server.stdout, /on_reload 3/)
  await server.says(/new hook/, 3)
  assert.equal(count(server.stdout, /old hook/), 1)
  assert.match(server.stderr, /the number of workers changes from 1 to 3/)
  const changes = /reload: settings changed: .*/.exec(server.stderr)?.[0] ?? ''
  assert.match(changes, /env\.MODE \(hidden\)/)
  assert.match(changes, /workers 1 → 3/)
  assert.doesNotMatch(changes, /red|blue/)
  await server.until('three workers', () => server.workerPids.length === 3)
  await server.stop()
})

test('each new worker is ready before the old one of its slot is retired, one slot at a time', async (t) => {
  const project = createProject(t, { 'app.js': routesApp, 'server.config.js': tracingConfig('workers: 3') })
  const server = await startServer(project)
  const before = server.stderr.length
  await reload(server, 2)
  const steps = [
    ...server.stderr
      .slice(before)
      .matchAll(/worker (\d) \(pid \d+\) (starts|is ready|is retired \(reload\))/g),
  ]
  const expected = ['0', '1', '2'].flatMap((nr) => [
    `${nr} starts`,
    `${nr} is ready`,
    `${nr} is retired (reload)`,
  ])
  const inOrder = steps.map(([, nr, what]) => `${nr} ${what}`)
  for (const nr of ['0', '1', '2'])
    assert.deepEqual(
      inOrder.filter((step) => step.startsWith(nr)),
      expected.filter((step) => step.startsWith(nr)),
    )
  const starts = inOrder.filter((step) => /starts|ready/.test(step))
  assert.deepEqual(
    starts,
    expected.filter((step) => /starts|ready/.test(step)),
  )
  assert.equal(count(trace(project).join(), /on_reload/), 1)
  await server.stop()
})

test('settings that only a restart can change keep their values, and the log names them', async (t) => {
  const project = createProject(t, {
    'app.js': answering('app'),
    'server.config.js': config(`pidfile: 'one.pid'`),
  })
  const server = await startServer(project)
  project.write('server.config.js', config(`pidfile: 'two.pid', backlog: 5, workers: 2`))
  await reload(server, 2)
  assert.match(
    server.stderr,
    /\[WARN\] \[master\] reload: only a restart changes [a-z, ]+; the old values stay/,
  )
  for (const name of ['pidfile', 'backlog'])
    assert.match(server.stderr, new RegExp(`only a restart changes [^;]*${name}`))
  assert.equal(project.read('one.pid'), `${server.pid}\n`)
  assert.equal((await ask(server.url)).status, 200, 'the old address')
  await server.until('two workers', () => server.workerPids.length === 2)
  await server.stop()
})

const broken = {
  'a syntax error': [
    `export default { app: './app.js'\nworkers 2 }`,
    /reload failed, the old generation keeps serving: .*server\.config\.js/,
  ],
  'an unknown setting': [
    config('wrokers: 2'),
    /reload failed, .*server\.config\.js: wrokers: .*did you mean "?workers/,
  ],
  'a wrong value': [
    config(`workers: 'many'`),
    /reload failed, .*server\.config\.js: workers: expected .*got "many"/,
  ],
  'an exception': [
    `throw new Error('no secrets here')`,
    /reload failed, .*server\.config\.js: no secrets here/,
  ],
  'no hook script': [config(`hooks: 'nowhere.js'`), /reload failed, .*no file .*nowhere\.js/],
} as const

test('a broken config keeps the old generation serving, with a line that has the file and the reason; a later good one is accepted', async (t) => {
  const project = createProject(t, {
    'app.js': answering('app'),
    'server.config.js': config(`env: { MODE: 'red' }`),
  })
  const server = await startServer(project)
  const before = server.workerPids
  for (const [name, [text, pattern]] of Object.entries(broken)) {
    await t.test(name, async () => {
      project.write('server.config.js', text)
      server.signal('SIGHUP')
      await server.says(pattern)
      assert.deepEqual(server.workerPids, before)
      assert.equal((await ask(server.url)).body, 'app red')
    })
  }
  project.write('server.config.js', config(`env: { MODE: 'blue' }`))
  await server.says(/reload failed/, Object.keys(broken).length)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url)).body, 'app blue')
  assert.doesNotMatch(server.stderr, /^ +at /m, 'a mistake in a config file is logged without a stack')
  await server.stop()
})

test('a broken app keeps the old generation and its number of workers serving, and costs only one trial worker', async (t) => {
  const project = createProject(t, {
    'app.js': answering('old'),
    'server.config.js': config(`workers: 2, env: { MODE: 'red' }`),
  })
  const server = await startServer(project)
  const before = server.workerPids
  project.write('app.js', `throw new Error('migration is missing')\n`)
  project.write('server.config.js', config(`workers: 4, env: { MODE: 'blue' }`))
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving: .*migration is missing/)
  assert.match(server.stderr, /worker 0 \(pid \d+\) failed to boot: .*migration is missing/)
  assert.match(server.stderr, /app\.js:1/)
  await server.says(/the number of workers changes from 4 to 2/)
  await server.until('the trial worker to exit', () => server.workerPids.length === 2)
  assert.deepEqual(server.workerPids, before)
  assert.equal((await ask(server.url)).body, 'old red')
  assert.equal(count(server.stderr, /\) starts$/m), 3)
  project.write('app.js', answering('new'))
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url)).body, 'new blue')
  await server.until('four workers', () => server.workerPids.length === 4)
  await server.stop()
})

test('an app that hangs at boot fails its reload after boot_timeout, and TTOU and HUP in the meantime take effect', async (t) => {
  const project = createProject(t, { 'app.js': answering('old'), 'server.config.js': config('workers: 3') })
  const server = await startServer(project)
  project.write('app.js', `console.log('hanging'); await new Promise(() => setInterval(() => {}, 1000))\n`)
  project.write('server.config.js', config(`workers: 3, boot_timeout: 10`))
  server.signal('SIGHUP')
  await server.says(/hanging/)
  server.signal('SIGTTOU')
  await server.says(/from 3 to 2/)
  server.signal('SIGHUP')
  await server.says(/reload queued: another start or reload is in progress/)
  project.write('app.js', answering('new'))
  await server.says(/reload failed, the old generation keeps serving: .*boot_timeout/)
  await server.says(/reload done: generation 3/)
  assert.match((await ask(server.url)).body, /^new/)
  await server.until('three workers: the config counts again', () => server.workerPids.length === 3)
  await server.stop()
})

test('HUP during the start waits until the start is done, so that a broken config cannot end it', async (t) => {
  const project = createProject(t, {
    'app.js': `import { existsSync } from 'node:fs'
console.log('booting')
while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20))\n${answering('old')}`,
    'server.config.js': config('workers: 2'),
  })
  const server = launch(project)
  await server.says(/booting/)
  project.write('server.config.js', config('wrokers: 2'))
  server.signal('SIGHUP')
  await server.says(/reload queued: another start or reload is in progress/)
  project.write('go', '')
  await server.says(/reload failed, the old generation keeps serving: .*wrokers/)
  await server.until('the announcement', () => server.announcement !== undefined)
  assert.ok(
    server.stderr.indexOf('all 2 workers are ready') < server.stderr.indexOf('reload failed'),
    server.stderr,
  )
  assert.equal((await ask(server.announcement?.listeners[0] ?? '')).status, 200)
  server.signal('SIGTERM')
  assert.deepEqual(await server.exit(), { code: 0, signal: null })
})

test('a lower timeout does not abort the workers of the old generation, also when the reload fails', async (t) => {
  const app = `export async function startup() {
  if (process.env.SLOW !== undefined) await new Promise((resolve) => setTimeout(resolve, 60_000))
}
export default (req, res) => {
  const until = Date.now() + (req.url === '/block' ? 4000 : 0)
  while (Date.now() < until);
  res.end('old')
}
`
  const project = createProject(t, { 'app.js': app, 'server.config.js': config('timeout: 60') })
  const server = await startServer(project)
  project.write('server.config.js', config(`timeout: 1, boot_timeout: 6, env: { SLOW: 'yes' }`))
  server.signal('SIGHUP')
  await server.says(/timeout 60 → 1/)
  assert.equal((await ask(`${server.url}/block`)).body, 'old')
  await server.says(/reload failed, the old generation keeps serving: .*boot_timeout/)
  assert.doesNotMatch(server.stderr, /worker 0 .*is aborted/)
  assert.equal((await ask(server.url)).body, 'old')
  await server.stop()
})

test('HUP while the workers are in a crash loop repairs the server at once', async (t) => {
  const project = createProject(t, { 'app.js': answering('old'), 'server.config.js': config('workers: 2') })
  const server = await startServer(project)
  project.write('app.js', `throw new Error('broken later')\n`)
  for (const pid of server.workerPids) killProcess(pid, 'SIGKILL')
  await server.says(/failed to boot: .*broken later/, 4)
  project.write('app.js', answering('mended'))
  await reload(server, 2)
  assert.match((await ask(server.url)).body, /^mended/)
  await server.until('two workers', () => server.workerPids.length === 2)
  await server.stop()
})

test('TERM during a reload stops old and new workers, with exit code 0', async (t) => {
  const project = createProject(t, { 'app.js': answering('old'), 'server.config.js': config('workers: 2') })
  const server = await startServer(project)
  project.write('app.js', `console.log('hanging'); await new Promise(() => setInterval(() => {}, 1000))\n`)
  server.signal('SIGHUP')
  await server.says(/hanging/)
  await server.stop()
})

test('TERM while the first new worker is on trial stops old and new workers, with exit code 0', async (t) => {
  const project = createProject(t, { 'app.js': answering('old'), 'server.config.js': config('workers: 2') })
  const server = await startServer(project)
  project.write('app.js', `export const startup = () => console.log('started up')\n${answering('new')}`)
  server.signal('SIGHUP')
  await server.says(/started up/)
  await server.stop()
  assert.doesNotMatch(server.stderr, /reload failed/)
})

test('a worker that crashes right after it was ready fails the reload, even if it is not the first one', async (t) => {
  const project = createProject(t, { 'app.js': answering('old'), 'server.config.js': config('workers: 3') })
  const server = await startServer(project)
  // The reload cannot end before the crash: the last slot boots forever.
  project.write(
    'app.js',
    `if (process.env.TSGUN_WORKER_NR === '2') await new Promise(() => setInterval(() => {}, ` +
      `1000))\n${answering('new')}`,
  )
  project.write(
    'server.config.js',
    config(`workers: 3, post_worker_init: ({ nr, server }) => {
      if (nr === 1) server.once('listening', () => setTimeout(() => { throw new Error('no cache') }, 50))
    }`),
  )
  server.signal('SIGHUP')
  await server.says(
    /reload failed, the old generation keeps serving: a worker died within 1 s after it was ready: it exited with code 1/,
  )
  await server.until(
    'the old generation everywhere',
    () => count(server.stderr, / died: it | ended: /) >= 5 && server.workerPids.length === 3,
  )
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(server.url)))
  assert.doesNotMatch(server.stderr, /reload done/)
  assert.equal(answers.filter(({ status }) => status === 200).length, 12)
  await server.stop()
})

test('reloads under load, on kept and on new connections, fail no request', async (t) => {
  const project = createProject(t, { 'app.js': routesApp, 'server.config.js': config('workers: 2') })
  const server = await startServer(project)
  const load = new Load(server.url, { kept: 16, fresh: 4 })
  for (let generation = 2; generation <= 5; generation += 1) {
    await reload(server, generation)
    const before = load.responseCount
    await server.until('more answers', () => load.responseCount > before + 100)
  }
  await load.stop()
  assert.deepEqual(load.failures, [], server.report())
  assert.ok(load.responseCount > 400, `only ${load.responseCount} requests`)
  assert.doesNotMatch(server.stderr, /cut off|killed|died/)
  t.diagnostic(`${load.responseCount} requests`)
  await server.stop()
})
