// preload() that fails, hangs or returns what cannot be shared: it refuses the start or the reload, with the
// reason, and leaves nothing behind.

import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { memoryDescriptors } from '../helpers/preload.ts'
import { childrenOf, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Cleaner, type Launched } from '../helpers/tsgun.ts'

const app = (preload: string): string =>
  `import { shared } from 'tsgun'\n${preload}\nexport default (req: unknown, res: any) => res.end(String(shared()))\n`

/** Starts it, and expects the exit code. */
async function refused(
  t: Cleaner,
  files: Readonly<Record<string, string>>,
  { words = ['./app.ts'], code = 3 }: { words?: readonly string[]; code?: number } = {},
): Promise<Launched> {
  const project = createProject(t, files)
  const server = launch(project, { arguments: ['-b', 'unix:app.sock', '-p', 'server.pid', ...words] })
  assert.deepEqual(await server.exit(), { code, signal: null }, server.report())
  for (const file of ['app.sock', 'server.pid']) assert.ok(!existsSync(project.path(file)), file)
  return server
}

test('an error of it ends the start with exit code 3, and its line in the TypeScript source', async (t) => {
  const server = await refused(t, {
    'app.ts': app(
      'interface A { a: string }\n\nexport async function preload() {\n  throw new Error("no table")\n}',
    ),
  })
  assert.match(server.stderr, /ERROR.*preload\(\) of .*\/app\.ts failed: no table/)
  assert.match(server.stderr, /at .*preload.*\/app\.ts:5:/)
  assert.match(server.stderr, /the start failed: preload\(\) of .*failed: no table; exit code 3/)
})

test('what cannot be shared ends the start, and is named by its place', async (t) => {
  const server = await refused(t, {
    'app.ts': app('export const preload = () => ({ index: { cache: [1, 2, 3, () => 4] } })'),
  })
  assert.match(server.stderr, /it cannot be shared: preload\(\)\.index\.cache\[3\]: function/)
})

test('a promise that never settles ends the start at boot_timeout', async (t) => {
  const server = await refused(
    t,
    { 'app.ts': app('export const preload = () => new Promise(() => setInterval(() => 1, 1000))') },
    { words: ['--boot-timeout', '1', './app.ts'] },
  )
  assert.match(
    server.stderr,
    /preload\(\) of .*app\.ts was not done within boot_timeout, 1 s: preload\(\) of .* has not returned yet/,
  )
})

test('a blocked loop ends the start at boot_timeout, with the stack', async (t) => {
  const server = await refused(
    t,
    { 'app.ts': app('export function preload() {\n  for (;;) busy()\n}\nfunction busy() { return 1 }') },
    { words: ['--boot-timeout', '1', './app.ts'] },
  )
  assert.match(server.stderr, /was not done within boot_timeout, 1 s/)
  assert.match(server.stderr, /app\.ts:(3|5):/)
})

for (const [name, preload, reason] of [
  ['process.exit()', 'process.exit(0)', /its process exited with code 0/],
  [
    'a signal',
    "process.kill(process.pid, 'SIGKILL')",
    /its process was ended by SIGKILL; perhaps for lack of memory/,
  ],
  [
    'an uncaught error',
    'setTimeout(() => { throw new Error("later") }); await new Promise(() => setInterval(() => 1, 99))',
    /failed: Error: later/,
  ],
] as const)
  test(`the end of its process by ${name} ends the start`, async (t) => {
    const server = await refused(t, { 'app.ts': app(`export async function preload() { ${preload} }`) })
    assert.match(server.stderr, reason)
  })

test(
  'more memory than there is ends the start with the figures',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const server = await refused(t, {
      'app.ts': app(`import { freemem } from 'node:os'
import { truncateSync, writeFileSync } from 'node:fs'
export function preload(context: any) {
  writeFileSync('huge', '')
  truncateSync('huge', 4 * freemem())
  return context.file('huge')
}`),
    })
    assert.match(server.stderr, /failed: \d+\.\d MB of memory are wanted, and \d+\.\d MB are free/)
  },
)

test('a stop during it ends its process at once, and is a stop', async (t) => {
  const project = createProject(t, {
    'app.ts': app('export const preload = () => { console.log("begun"); for (;;); }'),
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const server = launch(project, { arguments: ['-b', '127.0.0.1:0', '--boot-timeout', '0', './app.ts'] })
    await server.says(/begun/)
    assert.equal(childrenOf(server.pid).length >= 1, true)
    server.signal(signal)
    assert.deepEqual(await server.exit(), { code: 0, signal: null }, server.report())
    assert.match(server.stderr, /stopped/)
  }
})

test('its process ends when the master is killed', async (t) => {
  const project = createProject(t, {
    'app.ts': app(
      'export const preload = () => { console.log("begun"); return new Promise(() => setInterval(() => 1, 99)) }',
    ),
  })
  const server = launch(project, { arguments: ['-b', '127.0.0.1:0', './app.ts'] })
  await server.says(/begun/)
  server.signal('SIGKILL') // the clean-up of the test waits for the end of the others
  await server.exited
})

test('a failure at a reload keeps the old generation, and gives back its memory', async (t) => {
  const project = createProject(t, { 'app.ts': app('export const preload = () => "first"') })
  const server = await startServer(project, {
    arguments: ['-b', '127.0.0.1:0', '--boot-timeout', '3', './app.ts'],
  })
  const before = process.platform === 'linux' ? memoryDescriptors(server.pid) : 0
  for (const [preload, reason] of [
    [
      'throw new Error("no second")',
      /reload failed, the old generation keeps serving: preload\(\) of .* failed: no second/,
    ],
    [
      'for (;;);',
      /reload failed, the old generation keeps serving: preload\(\) of .* was not done within boot_timeout/,
    ],
  ] as const) {
    project.write('app.ts', app(`export function preload() { ${preload} }`))
    server.signal('SIGHUP')
    await server.says(reason)
    assert.equal((await ask(server.url)).body, 'first')
  }
  if (process.platform === 'linux') assert.equal(memoryDescriptors(server.pid), before)
  assert.equal(readdirSync(project.path('tmp')).filter((name) => name.includes('preload')).length, 1)
  project.write('app.ts', app('export const preload = () => "third"'))
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url)).body, 'third')
  await server.stop()
})

test('a stop during the preload() of a reload does not wait for it', async (t) => {
  const project = createProject(t, { 'app.ts': app('export const preload = () => "first"') })
  const server = await startServer(project, {
    arguments: ['-b', '127.0.0.1:0', '--boot-timeout', '0', './app.ts'],
  })
  project.write('app.ts', app('export const preload = () => { console.log("begun"); for (;;); }'))
  server.signal('SIGHUP')
  await server.says(/begun/)
  assert.equal((await ask(server.url)).body, 'first', 'requests are served meanwhile')
  await server.stop()
})

test('a preload() that the source does not show is not missed: the error names the setting', async (t) => {
  const server = await refused(t, {
    'app.ts': "export * from './parts.ts'\nexport default (req: unknown, res: any) => res.end()\n",
    'parts.ts': 'export const preload = () => 1\n',
  })
  assert.match(
    server.stderr,
    /app\.ts exports preload\(\), which the server has not found in its source: name the module that has it by the setting `preload`/,
  )
})

test('an app with a preload() beside the module of the setting is refused', async (t) => {
  const server = await refused(
    t,
    { 'app.ts': app('export const preload = () => 1'), 'tables.ts': 'export const preload = () => 2\n' },
    { words: ['--preload', './tables.ts', './app.ts'] },
  )
  assert.match(server.stderr, /app\.ts exports preload\(\), and the setting `preload` names .*tables\.ts/)
})

test('a module without a preload(), or with another export of that name, is refused', async (t) => {
  const files = {
    'app.ts': app(''),
    'none.ts': 'export const tables = 1\n',
    'text.ts': 'export const preload = "x"\n',
  }
  const none = await refused(t, files, { words: ['--preload', './none.ts', './app.ts'] })
  assert.match(none.stderr, /none\.ts: expected an exported function preload\(\); got no such export/)
  const text = await refused(t, files, { words: ['--preload', './text.ts', './app.ts'] })
  assert.match(text.stderr, /text\.ts: expected an exported function preload\(\); got /)
  const missing = await refused(t, files, { words: ['--preload', './missing', './app.ts'], code: 1 })
  assert.match(missing.stderr, /--preload: cannot find module "\.\/missing"/)
})

test('a program with a preload() is not run for it', async (t) => {
  const server = await refused(t, {
    'app.ts': `import { createServer } from 'node:http'
export const preload = () => 1
createServer((req, res) => res.end()).listen(3000)\n`,
  })
  assert.match(server.stderr, /app\.ts:3:\d+ listens when it is loaded, .* name it by the setting `preload`/)
})

test('shared() is an error where it cannot work: before preload() has run, and without one', async (t) => {
  const early = await refused(t, {
    'app.ts': app(
      'export const preload = () => [1]\nconst first = shared<typeof preload>().map((each) => each)\nvoid first',
    ),
  })
  assert.match(early.stderr, /shared\(\): preload\(\) has not run yet in this process/)
  const without = await refused(t, { 'app.ts': app('shared()') })
  assert.match(without.stderr, /shared\(\): there is nothing to share: export preload\(\)/)
})

test('an app whose source only looks as if it had a preload() starts without one', async (t) => {
  const project = createProject(t, {
    'app.ts': '// export const preload = () => 1\nexport default (req: unknown, res: any) => res.end("ok")\n',
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.ts'] })
  assert.equal((await ask(server.url)).body, 'ok')
  const [worker = 0] = server.workerPids
  killProcess(worker)
  await server.says(/worker 0 .* is ready/, 2)
  await server.stop()
})
