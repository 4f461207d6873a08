import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appsOf, fromPm2, type Pm2App } from '../../../../src/setup/migrate/pm2.ts'
import { readPm2Command } from '../../../../src/setup/migrate/pm2-command.ts'
import { parseProcfile } from '../../../../src/setup/migrate/procfile.ts'
import { fakeProject } from '../fake-project.ts'

const project = fakeProject({
  'package.json': { scripts: { start: 'node server.js' } },
  'server.js': 'createServer().listen(3000)',
  'api/index.js': 'createServer().listen(4000)',
})

function settingsOf(app: Pm2App): Readonly<Record<string, string>> {
  const { parts } = fromPm2({ script: 'server.js', ...app }, project)
  return Object.fromEntries(
    parts.flatMap((part) => ('name' in part ? [[part.name, part.code] as const] : [])),
  )
}

const carried: readonly (readonly [fields: Pm2App, name: string, code: string | undefined])[] = [
  [{}, 'app', `'./server.js'`],
  [{ script: './server' }, 'app', `'./server.js'`],
  [{ script: 'npm', args: 'start' }, 'app', `'./server.js'`],
  [{ script: 'npm', args: ['run', 'start'] }, 'app', `'./server.js'`],
  [{ script: 'index.js', cwd: './api' }, 'app', `'./index.js'`],
  [{ script: 'index.js', cwd: '/srv/shop/api/' }, 'chdir', `'./api'`],
  [{}, 'workers', '1'],
  [{ instances: 'max', exec_mode: 'cluster' }, 'workers', `'auto'`],
  [{ instances: 0 }, 'workers', `'auto'`],
  [{ instances: -1 }, 'workers', `'auto'`],
  [{ instances: '4' }, 'workers', '4'],
  [{ name: 'shop' }, 'proc_name', `'shop'`],
  [{ env: { NODE_ENV: 'dev', N: 1, PORT: 5 } }, 'env', `{ NODE_ENV: 'dev', N: '1' }`],
  [{ env: { A: 1 }, env_production: { B: 2 } }, 'env', `{ A: '1', B: '2' }`],
  [{ env: { PORT: 8080 } }, 'bind', "process.env.PORT ? `0.0.0.0:${process.env.PORT}` : '127.0.0.1:8080'"],
  [{ max_memory_restart: '300M' }, 'max_memory', `'300M'`],
  [{ kill_timeout: 5000 }, 'graceful_timeout', '5'],
  [{ listen_timeout: 1500 }, 'boot_timeout', '1.5'],
  [{ node_args: '--max-old-space-size=512 -r dotenv/config' }, 'node_args', `['--max-old-space-size=512']`],
  [{ node_args: ['--import', './otel.mjs'] }, 'import', `['./otel.mjs']`],
  [{ out_file: 'logs/out.log', error_file: 'logs/err.log' }, 'applog', `'logs/out.log'`],
  [{ out_file: '/dev/null' }, 'applog', 'null'],
  [{ log_type: 'json' }, 'log_format', `'json'`],
  [{ uid: 'www', gid: 33 }, 'group', '33'],
  [{ env_file: '.env' }, 'env_file', `'.env'`],
]

for (const [fields, name, code] of carried) {
  test(`carries over ${JSON.stringify(fields)} as ${name}`, () =>
    assert.equal(settingsOf(fields)[name], code))
}

const lost: readonly (readonly [fields: Pm2App, says: RegExp])[] = [
  [{ cron_restart: '0 0 * * *' }, /cron_restart: '0 0 \* \* \*'.*HUP/],
  [{ max_restarts: 10 }, /max_restarts: 10/],
  [{ watch: true }, /--reload/],
  [{ env_staging: { A: 1 } }, /env_staging: \{ A: '1' \}/],
  [{ out_file: 'a.log', error_file: 'b.log' }, /error_file: 'b\.log'/],
  [{ max_memory_restart: 'a lot' }, /max_memory_restart: 'a lot': max_memory expects/],
]

for (const [fields, says] of lost) {
  test(`tells ${JSON.stringify(fields)}`, () =>
    assert.match(fromPm2({ script: 'server.js', ...fields }, project).lost.join('\n'), says))
}

test('what always is so here is not told', () => {
  const fields = { script: 'server.js', autorestart: true, merge_logs: true, watch: false, time: true }
  assert.deepEqual(fromPm2(fields, project).lost, [])
})

test('an app that is no program of Node.js, or is not found, is told', () => {
  for (const fields of [{ script: 'main.py', interpreter: 'python3' }, { script: 'nix.js' }, {}])
    assert.equal(fromPm2(fields, project).app, undefined, JSON.stringify(fields))
})

test('an ecosystem file is an object with apps, a list, or one app', () => {
  const app = { script: 'a.js' }
  for (const value of [{ apps: [app] }, { apps: app }, [app], app]) assert.deepEqual(appsOf(value), [app])
  for (const value of [undefined, 'x', { apps: [] }, []]) assert.deepEqual(appsOf(value), [])
})

test('a command of PM2 is read as an app', () => {
  const read = (text: string): unknown => readPm2Command(text.split(' '))
  assert.deepEqual(read('start app.js -i max --name shop --watch'), {
    file: undefined,
    app: { script: 'app.js', instances: 'max', name: 'shop', watch: true },
  })
  assert.deepEqual(read('app.js --env production -i=2 -- --port 3'), {
    file: undefined,
    app: { script: 'app.js', instances: '2', args: ['--port', '3'] },
  })
  assert.deepEqual(read('start ecosystem.config.cjs'), { file: 'ecosystem.config.cjs', app: {} })
})

test('a Procfile is read line by line', () => {
  assert.deepEqual(parseProcfile('# c\nweb: npm start\r\n\nworker-1:  node w.js \nbad\n'), [
    { name: 'web', command: 'npm start' },
    { name: 'worker-1', command: 'node w.js' },
  ])
})
