// A config that hangs, spins or cannot be read ends a start, or fails a reload, with a line that says what to
// look at; and the trial of a start.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const app = `export default (req, res) => res.end('ok')\n`
const settings = `app: './app.js', bind: '127.0.0.1:0', workers: 1`

for (const [what, lines] of [
  ['a promise that nothing settles', ['// await nothing', 'await new Promise(() => {})']],
  [
    'a promise of a function',
    ['export const a = 1', 'export const load = async () => await new Promise(() => {})'],
  ],
] as const) {
  test(`a start whose config waits for ${what} ends at once with code 3 and the line`, async (t) => {
    const last = lines[1].includes('load') ? 'export default load' : `export default { ${settings} }`
    const project = createProject(t, { 'app.js': app, 'server.config.js': [...lines, last].join('\n') })
    const server = launch(project)
    assert.deepEqual(await server.exit(), { code: 3, signal: null })
    assert.match(
      server.stderr,
      /^\S*server\.config\.js: it never settles: it still waits for \S*server\.config\.js:2 \(.*await new Promise/,
    )
    assert.deepEqual(readdirSync(project.path('tmp')), [])
  })
}

test('a start whose config or hook script waits for what does not respond ends at boot_timeout', async (t) => {
  const hang = `await new Promise((resolve) => setInterval(() => {}, 1000))\n`
  for (const files of [
    { 'server.config.ts': `import './vault.ts'\nexport default { ${settings} }`, 'vault.ts': hang },
    { 'server.config.ts': `export default { ${settings}, hooks: './vault.ts' }`, 'vault.ts': hang },
  ]) {
    const project = createProject(t, { 'app.js': app, ...files })
    const server = launch(project, { arguments: ['--boot-timeout', '2'] })
    assert.deepEqual(await server.exit(), { code: 3, signal: null })
    assert.match(
      server.stderr,
      /did not settle within boot_timeout, 2 s: it still waits for \S*vault\.ts:1 \(await/,
    )
    assert.deepEqual(readdirSync(project.path('tmp')), [])
  }
})

test('a reload whose config never settles fails at boot_timeout, and the next HUP is carried out', async (t) => {
  const config = (text: string): string => `${text}\nexport default { ${settings}, boot_timeout: 2 }\n`
  const project = createProject(t, { 'app.js': app, 'server.config.js': config('') })
  const server = await startServer(project)
  project.write('server.config.js', config('await new Promise(() => {})'))
  server.signal('SIGHUP')
  await server.says(
    /reload failed, the old generation keeps serving: \S*server\.config\.js: it did not settle within boot_timeout, 2 s: it still waits for \S*server\.config\.js:1/,
  )
  assert.equal((await ask(server.url)).body, 'ok')
  project.write('server.config.js', config('// mended'))
  server.signal('SIGHUP')
  await server.says(/reload done/)
  await server.stop()
})

test('INT ends a start whose config is in a busy loop', async (t) => {
  const project = createProject(t, { 'server.config.js': `console.log('spinning')\nfor (;;);\n` })
  const server = launch(project)
  await server.says(/spinning/)
  server.signal('SIGINT')
  assert.deepEqual(await server.exit(), { code: null, signal: 'SIGINT' })
})

test('a config file that cannot be read is an error, never skipped for the next one', async (t) => {
  const says = async (pattern: RegExp, make: (path: (file: string) => string) => void): Promise<void> => {
    const project = createProject(t, { 'app.js': app, 'server.config.yaml': 'app: ./app.js\n' })
    make((file) => project.path(file))
    const server = launch(project)
    assert.equal((await server.exit()).code, 1)
    assert.match(server.stderr, pattern)
  }
  await says(/^server\.config\.ts: it is a link to \/no\/such\.ts, which does not exist\n$/, (path) =>
    symlinkSync('/no/such.ts', path('server.config.ts')),
  )
  await says(/^server\.config\.js: it is a link that leads back to itself\n$/, (path) =>
    symlinkSync('server.config.js', path('server.config.js')),
  )
  await says(/^server\.config\.json: it is a directory, not a file\n$/, (path) =>
    mkdirSync(path('server.config.json')),
  )
  await says(/^package\.json: it is a link to \/no\/such\.json, which does not exist\n$/, (path) => {
    for (const file of ['server.config.yaml', 'package.json']) rmSync(path(file))
    symlinkSync('/no/such.json', path('package.json'))
  })
})

test(
  'a config file of another user is an error that names the user',
  { skip: process.geteuid?.() !== 0 },
  async (t) => {
    const project = createProject(t, { 'app.js': app, 'server.config.json': '{ "app": "./app.js" }' })
    for (const path of [project.directory, project.path('tmp')]) chmodSync(path, 0o777)
    chmodSync(project.path('server.config.json'), 0o600)
    const server = launch(project, { user: { uid: 65534, gid: 65534 } })
    assert.equal((await server.exit()).code, 1)
    assert.match(server.stderr, /^server\.config\.json: it cannot be read by user \S+: permission denied\n$/)
  },
)

const crashing = `setTimeout(() => { throw new Error('no queue') }, 300)\n${app}`

test('a start whose workers all die in their first second ends with code 3 and the reason', async (t) => {
  const project = createProject(t, {
    'app.js': crashing,
    'server.config.js': `export default { ${settings} }`,
  })
  const server = launch(project, { arguments: ['-w', '2'] })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(
    server.stderr,
    /start failed.*a worker died within 1 s after it was ready: it exited with code 1/,
  )
  assert.match(server.stderr, /Error: no queue/)
})

test('the command that starts a daemon reports an app that dies in its first second', async (t) => {
  const logs = `errorlog: 'error.log', accesslog: null, applog: 'app.log'`
  const project = createProject(t, {
    'app.js': crashing,
    'server.config.js': `export default { ${settings}, daemon: true, ${logs} }`,
  })
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(server.stderr, /the start failed: a worker died within 1 s after it was ready/)
})

test('an upgrade to an app that dies in its first second fails, and no request meets it', async (t) => {
  const project = createProject(t, { 'app.js': app, 'server.config.js': `export default { ${settings} }` })
  const server = await startServer(project)
  project.write('app.js', crashing.replace("'ok'", "'crashing'"))
  server.signal('SIGUSR2')
  const asked: Promise<{ readonly body: string }>[] = []
  await server.until('the end of the upgrade', () => {
    asked.push(ask(server.url))
    return /upgrade failed, this master keeps serving/.test(server.stderr)
  })
  const bodies = (await Promise.all(asked)).map(({ body }) => body)
  assert.deepEqual(new Set(bodies), new Set(['ok']))
  await server.stop()
})
