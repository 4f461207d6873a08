// Every folder of config-examples is started as its first line says, and serves. A new folder needs a row
// here.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { codeBlocks } from '../docs/markdown.ts'
import { ask, connectTo } from '../helpers/http.ts'
import { createProject, repository, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

const folder = join(repository, 'config-examples')

interface Example {
  readonly path?: string
  readonly body: RegExp
  readonly config?: string
  /** What is logged of the failing route. */
  readonly failure?: RegExp
  /** A line of the access log on standard output. */
  readonly access?: RegExp
}

const combined = /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/error HTTP\/1\.1" 500 \d+ "-" "-"$/m

const failed =
  /GET \/error → 500: this route always fails request_id=\S+\n +Error: this route always fails\n.*config-examples\/.*:\d+:\d+/

const examples: Readonly<Record<string, Example>> = {
  express: { path: '/orders/1', body: /^\{"id":"1","items":\["tea","honey"\]\}$/, access: combined },
  fastify: { body: /^\{"hello":"world","worker":"[01]"\}$/, access: combined },
  koa: { body: /^\{"hello":"world"\}$/, access: combined },
  hono: {
    body: /^\{"hello":"world","worker":"[01]"\}$/,
    access: /^\{"time":.*"path":"\/error".*"status":500.*\}$/m,
  },
  nest: {
    body: /^Hello World!$/,
    // Nest logs it itself.
    failure: /ExceptionsHandler.*Error: this route always fails\n.*src\/app\.controller\.ts:\d+:\d+/,
    access: combined,
  },
  fetch: { body: /^\{"hello":"world","pool":5\}$/, access: combined },
  'custom-class': { body: /^hello\n$/, access: combined },
  sync: { path: '/7?language=de', body: /^Rechnung 7\n$/, access: combined },
  threads: { body: /^\{"process":\d+,"thread":\d+,"count":1\}$/, access: combined },
  plain: { body: /^Hello from worker [01]\n$/, config: 'server.config.js', access: combined },
}
const ownTests = [
  'caddy',
  'container',
  'embeddings',
  'haproxy',
  'nginx',
  'ocr',
  'preload-model',
  'production',
  'socket.io',
  'systemd',
  'websocket',
]

test('every example has a test', () => {
  const folders = readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory())
  assert.deepEqual(folders.sort(), [...Object.keys(examples), ...ownTests].sort())
})

for (const [name, example] of Object.entries(examples)) {
  const { path = '/', body, config = 'server.config.ts', failure = failed, access } = example
  test(`the example ${name} serves with two workers, and its failing route is a 500 with a stack in a log`, async (t) => {
    const server = await startServer(createProject(t), {
      arguments: ['-c', join(folder, name, config), '-b', '127.0.0.1:0'],
    })
    assert.equal(server.workerPids.length, 2)
    const answer = await ask(server.url, path)
    assert.equal(answer.status, 200)
    assert.match(answer.body, body)
    assert.equal((await ask(server.url, '/error')).status, 500)
    await server.says(failure)
    if (access) await server.says(access)
    await server.stop()
  })
}

test('the example custom-class runs two reports, lets eight wait, urgent ones first, and refuses the next', async (t) => {
  const hook = "export const pre_request = (worker, req) => console.log('arrived ' + req.url)\n"
  const project = createProject(t, { 'hooks.js': hook })
  const words = ['-b', '127.0.0.1:0', '-w', '1', '--hooks', project.path('hooks.js')]
  const server = await startServer(project, {
    arguments: ['-c', join(folder, 'custom-class/server.config.ts'), ...words],
  })
  let nr = 0
  const report = async (seconds: number, more = ''): Promise<Socket> => {
    const socket = connectTo(server.url)
    nr += 1
    socket.write(`GET /report?seconds=${seconds}&nr=${nr} HTTP/1.1\r\nhost: x\r\n${more}\r\n`)
    await server.says(new RegExp(`arrived /report.*nr=${nr}\\n`))
    return socket
  }
  const first = await report(600)
  const others: Socket[] = []
  while (others.length < 8) others.push(await report(600))
  const urgent = await report(0, 'x-priority: high\r\n')
  const refused = await ask(server.url, '/report')
  assert.deepEqual(
    [refused.status, refused.headers['retry-after'], refused.body],
    [503, '5', 'too many reports\n'],
  )
  assert.equal((await ask(server.url)).body, 'hello\n', 'all others pass by')
  const done = once(urgent, 'data')
  first.destroy()
  assert.match(String(await done), /report after 0 s/)
  for (const socket of [...others, urgent]) socket.destroy()
  assert.equal((await ask(server.url, '/report?seconds=0')).body, 'report after 0 s\n')
  await server.stop()
})

test('npm start serves the example that the README names, at http://127.0.0.1:8000', () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  )
  assert.match(
    manifest.scripts['start'] ?? '',
    /node bin\/tsgun\.js -c config-examples\/express\/server\.config\.ts$/,
  )
  const printed = execFileSync(
    process.execPath,
    ['bin/tsgun.js', '-c', `${folder}/express/server.config.ts`, '--print-config'],
    {
      cwd: repository,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] },
    },
  )
  assert.match(printed, /^bind +=\s+"127\.0\.0\.1:8000"/m)
  assert.match(printed, /^workers +=\s+2 /m)
})

async function startProduction(project: Project): Promise<RunningServer> {
  project.write('run/.keep', '')
  project.write('logs/.keep', '')
  return startServer(project, {
    arguments: ['-c', join(folder, 'production/server.config.ts')],
    environment: { RUNTIME_DIRECTORY: project.path('run'), LOGS_DIRECTORY: project.path('logs') },
  })
}

test('the example production serves on its unix socket, with a pidfile, three log files and the hooks of both files', async (t) => {
  const project = createProject(t)
  const server = await startProduction(project)
  assert.equal(server.url, `unix:${project.path('run/http.sock')}`)
  assert.equal(statSync(project.path('run/http.sock')).mode & 0o777, 0o770)
  assert.equal(project.read('run/tsgun.pid'), `${server.pid}\n`)
  assert.equal((await ask(server.url, '/health')).body, 'ok\n')
  await server.stop()
  assert.match(
    project.read('logs/access.log'),
    /^\{"time":.*"path":"\/health","query":"","protocol":"HTTP\/1\.1","status":200,.*\}\n$/,
  )
  assert.match(project.read('logs/error.log'), /all \d+ workers? (is|are) ready/)
  assert.match(project.read('logs/app.log'), /\d+ workers serve at unix:/)
  assert.match(project.read('logs/app.log'), new RegExp(`master ${server.pid} is stopping`))
  assert.deepEqual(readdirSync(project.path('run')), ['.keep'])
})

test('its logrotate.conf rotates the log files of the running server', async (t) => {
  if (spawnSync('logrotate', ['--version']).error) return t.skip('logrotate is not installed')
  const project = createProject(t)
  const server = await startProduction(project)
  assert.equal((await ask(server.url, '/before')).status, 404)
  await server.until('the access line', () => project.read('logs/access.log').includes('/before'))
  const text = readFileSync(join(folder, 'production/logrotate.conf'), 'utf8')
  const own = text
    .replaceAll('/var/log/shop', project.path('logs'))
    .replaceAll('/run/shop', project.path('run'))
  project.write('logrotate.conf', own)
  execFileSync('logrotate', ['--force', '--state', project.path('state'), project.path('logrotate.conf')])
  const reopened = (): boolean =>
    existsSync(project.path('logs/error.log')) && /log files reopened/.test(project.read('logs/error.log'))
  await server.until('the new error log', reopened)
  assert.equal((await ask(server.url, '/after')).status, 404)
  await server.stop()
  assert.match(project.read('logs/access.log.1'), /"\/before"/)
  assert.match(project.read('logs/access.log'), /^\{[^\n]*"\/after"[^\n]*\}\n$/)
})

test('its nginx.conf is accepted by nginx', (t) => {
  const nginx = process.env['TSGUN_TEST_NGINX'] ?? 'nginx'
  if (spawnSync(nginx, ['-v']).error) return t.skip('nginx is not installed')
  const project = createProject(t)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path tmp/${name};`)
    .join(' ')
  // nginx binds its sockets even for a test, and port 80 may be in use.
  const example = readFileSync(join(folder, 'production/nginx.conf'), 'utf8').replace(
    'listen 80',
    `listen unix:${project.path('nginx.sock')}`,
  )
  const http = `http { access_log off; ${temporary}\n${example}}`
  project.write('nginx.conf', `pid tmp/nginx.pid;\nerror_log stderr;\nevents {}\n${http}\n`)
  const { status, stderr } = spawnSync(nginx, [
    '-t',
    '-e',
    'stderr',
    '-p',
    project.directory,
    '-c',
    project.path('nginx.conf'),
  ])
  assert.equal(status, 0, stderr.toString())
})

test('the first server of the README serves', async (t) => {
  const blocks = codeBlocks({ file: 'README.md', text: readFileSync(join(repository, 'README.md'), 'utf8') })
  const named = (name: string): string =>
    blocks.find(({ code }) => code.startsWith(`// ${name}\n`))?.code ?? assert.fail(name)
  const files = { 'app.ts': named('app.ts'), 'server.config.ts': named('server.config.ts') }
  // In a package as `npm init` creates it, and in one of ES modules.
  for (const manifest of ['{}', '{ "type": "module" }']) {
    const project = createProject(t, { ...files, 'package.json': manifest })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0'] })
    assert.equal((await ask(server.url, '/tea')).body, '{"hello":"/tea"}')
    await server.stop()
  }
})

test('the snippets of nginx and logrotate in the docs are those of the example', () => {
  for (const [page, language, file] of [
    ['run/logs.md', '', 'production/logrotate.conf'],
    ['run/deploy.md', 'nginx', 'production/nginx.conf'],
    ['run/websockets.md', 'nginx', 'socket.io/nginx.conf'],
  ] as const) {
    const text = readFileSync(join(repository, 'docs', page), 'utf8')
    const example = readFileSync(join(folder, file), 'utf8')
      .replace(/^ *#.*\n/gm, '')
      .trim()
    const found = codeBlocks({ file: page, text }).filter((block) => block.language === language)
    assert.ok(
      found.some(({ code }) => code.trim() === example),
      `${page} has ${file}`,
    )
  }
})

test('the example of Nest, which has decorators and therefore its own tsconfig.json, compiles', () => {
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  const { status, stdout } = spawnSync(
    process.execPath,
    [tsc, '--noEmit', '-p', join(folder, 'nest/tsconfig.json')],
    {
      encoding: 'utf8',
    },
  )
  assert.equal(status, 0, stdout)
})
