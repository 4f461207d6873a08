// `tsgun migrate` in projects as users have them: the config that it writes serves.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

interface Printed {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function migrate(project: Project, ...words: readonly string[]): Promise<Printed> {
  const command = launch(project, { arguments: ['migrate', ...words] })
  const { code } = await command.exit()
  return { code, stdout: command.stdout, stderr: command.stderr }
}

const program = `require('node:http')
  .createServer((req, res) => res.end([process.env.SHOP, process.env.NODE_APP_INSTANCE].join()))
  .listen(process.env.PORT || 3000)\n`

const ecosystem = `module.exports = { apps: [
  { name: 'shop', script: './server.js', instances: 2, exec_mode: 'cluster', max_memory_restart: '300M',
    env: { SHOP: 'open', PORT: 3000 }, cron_restart: '0 0 * * *' },
  { name: 'jobs', script: 'jobs.py', interpreter: 'python3' },
  { name: 'admin api', script: './admin.js' },
] }\n`

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly says: readonly RegExp[]
  readonly config: readonly RegExp[]
  readonly body: string
}

const cases: readonly Case[] = [
  {
    name: 'an ecosystem file with several apps',
    files: {
      'package.json': '{}',
      'server.js': program,
      'admin.js': program,
      'ecosystem.config.js': ecosystem,
    },
    says: [
      /^server\.config\.ts is written from ecosystem\.config\.js: server\.js; 1 not carried over, see its comments\n/,
      /\nadmin-api\.config\.ts is written from ecosystem\.config\.js: admin\.js; everything was carried over\n/,
      /\njobs is not carried over: jobs\.py is no program of Node\.js .*\n/,
      /\n {2}npx tsgun -c admin-api\.config\.ts\n$/,
    ],
    config: [
      /workers: 2,/,
      /max_memory: '300M',/,
      /env: \{ SHOP: 'open' \},/,
      /- cron_restart: '0 0 \* \* \*'/,
    ],
    body: 'open,',
  },
  {
    name: 'an ecosystem file in CommonJS beside "type": "module"',
    files: {
      'package.json': '{ "type": "module" }',
      'server.cjs': program,
      'ecosystem.config.js': `module.exports = { apps: [{ script: 'server.cjs', env: { SHOP: 'cjs' } }] }\n`,
    },
    says: [/^server\.config\.ts is written from ecosystem\.config\.js: server\.cjs; everything/],
    config: [/workers: 1,/],
    body: 'cjs,',
  },
  {
    name: 'gunicorn.conf.py, which is not executed',
    files: {
      'package.json': '{ "scripts": { "start": "SHOP=py node server.js" } }',
      'server.js': program,
      'gunicorn.conf.py':
        `import os\nopen("ran", "w").write("x")\nbind = "127.0.0.1:8000"\nworkers = 2\ntimeout = 60\n` +
        `worker_class = "gevent"\ndef post_fork(server, worker):\n    pass\n`,
    },
    says: [/^server\.config\.ts is written from gunicorn\.conf\.py: server\.js; 3 not carried over/],
    config: [/timeout: 60,/, /- worker_class = "gevent"/, /\/\/ {5}def post_fork/],
    body: 'py,',
  },
  {
    name: 'a Procfile',
    files: {
      'package.json': '{ "scripts": { "serve": "node server.js" } }',
      'server.js': program,
      Procfile: 'web: SHOP=heroku npm run serve\nworker: node jobs.js\n',
    },
    says: [/^server\.config\.ts is written from Procfile: server\.js; 1 not carried over/],
    config: [/env: \{ SHOP: 'heroku' \},/, /- worker: node jobs\.js/],
    body: 'heroku,',
  },
  {
    name: 'PM2 in a script of package.json',
    files: {
      'package.json': '{ "scripts": { "start": "SHOP=no pm2 start server.js -i 2 --name shop" } }',
      'server.js': program,
    },
    says: [/^server\.config\.ts is written from package\.json: server\.js; everything/],
    config: [/workers: 2,/, /proc_name: 'shop',/],
    body: 'no,',
  },
]

for (const { name, files, says, config, body } of cases) {
  test(`the config that migrate writes serves: ${name}`, async (t) => {
    const project = createProject(t, files)
    const { code, stdout, stderr } = await migrate(project)
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    for (const pattern of says) assert.match(stdout, pattern)
    const text = project.read('server.config.ts')
    for (const pattern of config) assert.match(text, pattern)
    assert.equal(existsSync(project.path('ran')), false)
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0'] })
    assert.equal((await ask(server.url, '/')).body, body)
    await server.stop()
  })
}

test('migrate overwrites nothing, and tells a source that it cannot read', async (t) => {
  const files = {
    'package.json': '{}',
    'server.js': program,
    'ecosystem.config.js': 'throw new Error("no")\n',
  }
  const project = createProject(t, files)
  assert.match(
    (await migrate(project)).stderr,
    /^tsgun migrate: ecosystem\.config\.js cannot be loaded: no\n$/,
  )
  assert.match((await migrate(project, 'nix.py')).stderr, /^tsgun migrate: there is no file nix\.py in \//)
  assert.match(
    (await migrate(project, 'server.js')).stderr,
    /^tsgun migrate: server\.js is of no kind that migrate reads: /,
  )
  project.write('server.config.mjs', 'export default {}')
  const { code, stderr } = await migrate(project)
  assert.equal(code, 1)
  assert.match(stderr, /^tsgun migrate: server\.config\.mjs exists already, and migrate overwrites nothing/)
})

test('without anything to migrate from, migrate names init', async (t) => {
  const { code, stderr } = await migrate(createProject(t, { 'package.json': '{}' }))
  assert.equal(code, 1)
  assert.match(stderr, /^tsgun migrate: found no ecosystem\.config\.js, .*tsgun init\n$/)
})
