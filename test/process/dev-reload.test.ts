// The setting `reload`: a saved change is in the response of the next request, and an error is shown by a
// server that keeps running.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import { ask, connectTo, type HttpResponse } from '../helpers/http.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

// The changes are logged at `debug`.
const reload = ['--bind', '127.0.0.1:0', '--reload', '--log-level', 'debug']

/**
 * Sends requests until the response is the expected one. A client that is slow to send its request may have
 * to retry, as browsers do.
 */
async function answers(server: RunningServer, wanted: RegExp, path = '/'): Promise<HttpResponse> {
  let last = ''
  const probe = async (): Promise<HttpResponse | undefined> => {
    const response = await ask(server.url, path).catch((error: Error) => error)
    last = response instanceof Error ? response.message : response.body
    return !(response instanceof Error) && wanted.test(last) ? response : undefined
  }
  return eventually(`a response like ${wanted}`, probe, () => `${last}\n${server.report()}`)
}

/** The files that the log names as changed, each once. */
function changedFiles(server: RunningServer): readonly string[] {
  const lists = [...server.stderr.matchAll(/the workers restart .* files=(\[.*\])$/gm)]
  return [...new Set(lists.flatMap(([, list = '']) => JSON.parse(list) as string[]))]
}

/** After this no worker with the old code is left to respond. */
async function leaves(server: RunningServer, times: number): Promise<void> {
  await server.says(/ ended: change, after /, times)
}

/** Whether a process watches a file; libuv keeps the descriptor itself (proc(5), /proc/PID/fdinfo). */
const hasInotify = (pid: number): boolean =>
  readdirSync(`/proc/${pid}/fdinfo`).some((fd) => infoOf(`/proc/${pid}/fdinfo/${fd}`).includes('inotify wd:'))

function infoOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // closed while the list was read
  }
}

test('a saved file is in the next responses, however it was loaded: nested TypeScript, JSON, CommonJS, an ES module, a glob', async (t) => {
  const project = createProject(t, {
    'app.ts': `
      import { readFileSync } from 'node:fs'
      import { one } from './lib/one'
      import data from './data.json'
      import common from './common.cjs'
      import plain from './plain.js'
      const view = (): string => readFileSync('views/page/home.html', 'utf8')
      const text = view()
      export default (req: unknown, res: { end(text: string): void }) => res.end([one(), data.value, common.value, plain, text].join(' '))`,
    'lib/one.ts': `import { two } from './deep/two.ts'\nexport const one = (): string => two\n`,
    'lib/deep/two.ts': `export const two: string = 'ts-1'\n`,
    'data.json': '{ "value": "json-1" }\n',
    'common.cjs': `module.exports = { value: require('./inner.cjs') }\n`,
    'inner.cjs': `module.exports = 'cjs-1'\n`,
    'plain.js': `export default 'esm-1'\n`,
    'views/page/home.html': 'html-1',
  })
  const server = await startServer(project, {
    arguments: ['./app.ts', ...reload, '--reload-extra-file', 'views/**/*.html'],
  })
  assert.equal((await ask(server.url)).body, 'ts-1 json-1 cjs-1 esm-1 html-1')
  const saves: readonly (readonly [file: string, text: string, wanted: RegExp])[] = [
    ['lib/deep/two.ts', `export const two: string = 'ts-2'\n`, /^ts-2 /],
    ['data.json', '{ "value": "json-2" }\n', / json-2 /],
    ['inner.cjs', `module.exports = 'cjs-2'\n`, / cjs-2 /],
    ['plain.js', `export default 'esm-2'\n`, / esm-2 /],
    ['views/page/home.html', 'html-2', / html-2$/],
  ]
  for (const [file, text, wanted] of saves) {
    project.write(file, text)
    await answers(server, wanted)
  }
  assert.equal((await ask(server.url)).body, 'ts-2 json-2 cjs-2 esm-2 html-2')
  await server.stop()
})

test('a request that arrives after the old worker has exited waits for the new code', async (t) => {
  const project = createProject(t, {
    'app.js': `import { text } from './text.js'\nexport default (req, res) => res.end(text)\n`,
    'text.js': `export const text = '0'\n`,
  })
  const server = await startServer(project, { arguments: ['./app.js', ...reload] })
  for (let time = 1; time <= 3; time += 1) {
    await answers(server, new RegExp(`^${time - 1}$`))
    save(project, 'text.js', `export const text = '${time}'\n`)
    await leaves(server, time)
    assert.equal((await ask(server.url)).body, String(time))
  }
  await server.stop()
})

test('a kept connection does not reach old code forever', async (t) => {
  const project = createProject(t, { 'app.js': `export default (req, res) => res.end('old')\n` })
  const server = await startServer(project, { arguments: ['./app.js', ...reload, '--keep-alive', '3600'] })
  const socket = connectTo(server.url)
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(socket, 'data')
  const closed = once(socket, 'close')
  project.write('app.js', `export default (req, res) => res.end('new')\n`)
  await closed
  await answers(server, /^new$/)
  await server.stop()
})

test('packages, temporary files of editors and logs restart nothing; a save by renaming does', async (t) => {
  const project = createProject(t, {
    'app.js':
      `import pkg from 'pkg'\nimport { read } from './read.js'\nexport default (req, res) => ` +
      'res.end(pkg + read)\n',
    'read.js': `export const read = ' one'\n`,
    'node_modules/pkg/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/pkg/index.js': `export default 'pkg-1'\n`,
    'web/view.html': 'view',
    'logs/keep': '',
  })
  const server = await startServer(project, {
    arguments: ['./app.js', ...reload, '--reload-extra-file', '.', '--access-logfile', 'logs/access.log'],
  })
  assert.equal((await ask(server.url)).body, 'pkg-1 one')
  project.write('node_modules/pkg/index.js', `export default 'pkg-2'\n`)
  for (const name of ['4913', '.view.html.swp', 'view.html~', '.#view.html', '#view.html#', 'view.html.tmp'])
    project.write(`web/${name}`, 'passing')
  // the directory is an extra file, so this one counts
  project.write('read.js.new', `export const read = ' two'\n`)
  renameSync(project.path('read.js.new'), project.path('read.js'))
  await answers(server, /^pkg-2 two$/)
  const expected = [project.path('read.js'), project.path('read.js.new')]
  assert.deepEqual(
    changedFiles(server).filter((file) => !expected.includes(file)),
    [],
  )
  await server.stop()
})

const module = (text: string): string => `${text}\nexport const text: string = 'good'\n`

const broken: readonly { readonly what: string; readonly code: string; readonly page: RegExp }[] = [
  {
    what: 'a syntax error',
    code: module('const = <b>'),
    page: /part\.ts:1:7: .*\n\n {4}const = <b>\n {10}\^/,
  },
  {
    what: 'an error',
    code: module(`throw new Error('thrown <here>')`),
    page: /thrown <here>\n\n.*part\.ts:1:7\n> +1 \| throw/,
  },
  {
    what: 'an import of a missing file',
    code: module(`import './later'`),
    page: /Cannot find module '.*later'/,
  },
  { what: 'an exit', code: module(`process.exit(7)`), page: /exited with code 7/ },
]

/** In one step: half a file is another mistake, which the log reports too. */
function save(project: Project, name: string, text: string): void {
  project.write(`${name}~`, text)
  renameSync(project.path(`${name}~`), project.path(name))
}

test('an error is reported with its place, on a page and once in the log, and the next save recovers', async (t) => {
  const project = createProject(t, {
    'app.ts':
      `import { text } from './part.ts'\nexport default (_: unknown, res: { end(text: string): ` +
      'void ' +
      '}) ' +
      '=> res.end(text)\n',
    'part.ts': module(''),
  })
  const server = await startServer(project, { arguments: ['./app.ts', ...reload, '--workers', '2'] })
  for (const { what, code, page } of broken) {
    save(project, 'part.ts', code)
    const plain = await answers(server, page)
    assert.equal(plain.status, 500, what)
    assert.equal(plain.headers['cache-control'], 'no-store')
    assert.match(plain.headers['content-type'] ?? '', /^text\/plain/)
    if (what.includes('missing')) save(project, 'later.ts', 'export {}\n')
    else save(project, 'part.ts', module(''))
    assert.equal((await answers(server, /^good$/)).status, 200)
  }
  const told = [...server.stderr.matchAll(/\[ERROR\] \[master\] the app does not start/g)]
  assert.equal(told.length, broken.length, server.report())
  assert.match(server.stderr, /Unexpected|Expected/)
  await server.stop()
})

test('a server starts with a broken app, shows HTML to a browser, and recovers', async (t) => {
  const project = createProject(t, { 'app.js': `export default <script>alert(1)</script>\n` })
  const server = await startServer(project, { arguments: ['./app.js', ...reload] })
  const { status, headers, body } = await ask(server.url, '/any/path', {
    method: 'POST',
    headers: { accept: 'text/html,*/*' },
  })
  assert.deepEqual([status, headers['content-type']], [500, 'text/html; charset=utf-8'])
  assert.match(body, /app\.js:1:16/)
  assert.match(body, /&gt; {5}1 \| export default &lt;script&gt;alert\(1\)/)
  assert.doesNotMatch(body, /<script>/)
  assert.match(server.stderr, /the app does not start[^]*app\.js:1:16[^]*> +1 \| export default <script>/)
  project.write('app.js', `export default (req, res) => res.end('mended')\n`)
  await answers(server, /^mended$/)
  await server.stop()
})

test('a saved config takes effect, and an error in it is shown until it is fixed', async (t) => {
  const config = (text: string): string =>
    `import { mode } from './mode.ts'\nexport default { app: './app.js', bind: '127.0.0.1:0', reload: ` +
    `true, env: { MODE: mode }, ${text} }\n`
  const project = createProject(t, {
    'app.js': `export default (req, res) => res.end(process.env.MODE + ' ' + process.env.TSGUN_WORKER_NR)\n`,
    'mode.ts': `export const mode: string = 'one'\n`,
    'server.config.ts': config(''),
  })
  const server = await startServer(project)
  await answers(server, /^one 0$/)
  project.write('server.config.ts', config('workers: "many"'))
  await answers(server, /the config cannot be loaded: .*workers/)
  project.write('server.config.ts', config('workers: 2'))
  await answers(server, /^one [01]$/)
  project.write('mode.ts', `export const mode: string = ;\n`)
  await answers(server, /mode\.ts:1:29/)
  project.write('mode.ts', `export const mode: string = 'two'\n`)
  await answers(server, /^two [01]$/)
  project.write('server.config.ts', config('reload: false'))
  await server.until('the watch to end', () => !hasInotify(server.pid))
  await server.stop()
})

test('where the system does not notify of changes the disk is polled', async (t) => {
  const project = createProject(t, {
    'app.js': `import { text } from './text.js'\nexport default (req, res) => res.end(text)\n`,
    'text.js': `export const text = 'old'\n`,
  })
  const server = await startServer(project, {
    arguments: ['./app.js', '--bind', '127.0.0.1:0', '--reload=poll'],
  })
  assert.equal((await ask(server.url)).body, 'old')
  assert.equal(hasInotify(server.pid), false)
  project.write('text.js', `export const text = 'new'\n`)
  await answers(server, /^new$/)
  await server.stop()
})

test('only a server with the setting watches files', async (t) => {
  const project = createProject(t, { 'app.js': `export default (req, res) => res.end('app')\n` })
  const watching = await startServer(project, { arguments: ['./app.js', ...reload] })
  await watching.until('a watch', () => hasInotify(watching.pid))
  await watching.stop()
  const server = await startServer(project, { arguments: ['./app.js', '--bind', '127.0.0.1:0'] })
  await ask(server.url)
  assert.equal(hasInotify(server.pid), false)
  await server.stop()
})
