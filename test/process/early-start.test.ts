// The process of the first worker is started with the command, before the config is loaded. Nothing that the
// config, a hook or the environment changes meanwhile may be lost on it.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { childrenOf, isAlive, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

/** Responds with what its process has inherited. */
const app = `import { getPriority } from 'node:os'
const atLoad = { ...process.env }
export default (req, res) => {
  const umask = process.umask(0)
  process.umask(umask)
  res.end(JSON.stringify({ pid: process.pid, directory: process.cwd(), umask, priority: getPriority(),
    offset: new Date(0).getTimezoneOffset(), env: atLoad, argv: process.argv }))
}
`

/** In the master the config writes the pids of the worker processes that exist when it is loaded. */
const noteChildren = `import { readFileSync, writeFileSync } from 'node:fs'
const isWorker = (pid) => readFileSync(\`/proc/\${pid}/cmdline\`, 'utf8').includes('worker/main.js')
if (process.env.TSGUN_WORKER_NR === undefined) {
  const children = readFileSync(\`/proc/self/task/\${process.pid}/children\`, 'utf8').trim().split(' ')
  writeFileSync('children', children.filter((pid) => pid !== '' && isWorker(pid)).join(' '))
}
`

interface Seen {
  readonly pid: number
  readonly directory: string
  readonly umask: number
  readonly priority: number
  readonly offset: number
  readonly env: Readonly<Record<string, string>>
  readonly argv: readonly string[]
}

async function seenBy(url: string): Promise<Seen> {
  return JSON.parse((await ask(url)).body) as Seen
}

function early(project: Project): readonly number[] {
  return project.read('children').split(' ').filter(Boolean).map(Number)
}

const options = { arguments: [], environment: { KEPT: '1', NODE_OPTIONS: '' } }

function projectWith(t: TestContext, settings: string, before = ''): Project {
  return createProject(t, {
    'app.js': app,
    'sub/app.js': app,
    'server.config.ts': `${noteChildren}${before}
export default { app: './app.js', bind: ['127.0.0.1:0', 'unix:a.sock'], workers: 1, ${settings} }\n`,
  })
}

test('the worker of the start has the process that was started with the command, with all that the config sets', async (t) => {
  const project = projectWith(
    t,
    `chdir: 'sub', env: { ADDED: 'a', NODE_ENV: 'production' }`,
    `delete process.env.KEPT\nprocess.env.FROM_CONFIG = 'c'\n`,
  )
  const server = await startServer(project, options)
  const seen = await seenBy(server.url)
  assert.deepEqual(early(project), [seen.pid])
  assert.equal(seen.directory, project.path('sub'))
  assert.equal(seen.env['ADDED'], 'a')
  assert.equal(seen.env['NODE_ENV'], 'production')
  assert.equal(seen.env['FROM_CONFIG'], 'c')
  assert.equal(seen.env['KEPT'], undefined)
  assert.deepEqual([seen.env['TSGUN_WORKER_NR'], seen.env['TSGUN_WORKER_AGE']], ['0', '1'])
  assert.deepEqual(
    Object.keys(seen.env).filter((name) => /EARLY|READY_FD/.test(name)),
    [],
  )
  assert.equal(seen.argv[1], project.path('sub/app.js'))
  await server.stop()
  assert.doesNotMatch(server.stderr, /WARN|ERROR/)
})

const changes: readonly {
  readonly what: string
  readonly settings?: string
  readonly before?: string
  readonly environment?: NodeJS.ProcessEnv
  readonly check: (seen: Seen) => void
}[] = [
  {
    what: 'a variable that the C library reads at the start',
    settings: `env: { TZ: 'Asia/Tokyo' }`,
    check: ({ offset }) => assert.equal(offset, -540),
  },
  {
    what: 'flags of Node.js',
    settings: `node_args: '--stack-trace-limit=7'`,
    check: ({ env }) => assert.equal(env['KEPT'], '1'),
  },
  {
    what: 'umask(2)',
    before: 'process.umask(0o027)\n',
    check: ({ umask }) => assert.equal(umask, 0o027),
  },
  {
    what: 'the priority',
    before: `import { setPriority } from 'node:os'\nsetPriority(5)\n`,
    check: ({ priority }) => assert.equal(priority, 5),
  },
]

for (const { what, settings = '', before = '', check } of changes)
  test(`a config that changes ${what} gets a worker with a process of its own`, async (t) => {
    const project = projectWith(t, settings, before)
    const server = await startServer(project, options)
    const seen = await seenBy(server.url)
    check(seen)
    assert.equal(early(project).length, 1)
    assert.ok(!early(project).includes(seen.pid))
    await server.until('the end of the early process', () => childrenOf(server.pid).length === 1)
    await server.stop()
  })

test('with NODE_OPTIONS no process is started early: what they load has the variables of the config', async (t) => {
  const project = projectWith(t, `env: { NAME: 'from the config' }`)
  project.write('first.cjs', `process.env.SEEN = process.env.NAME ?? 'nothing'\n`)
  const server = await startServer(project, { environment: { NODE_OPTIONS: '--require ./first.cjs' } })
  assert.deepEqual(early(project), [])
  assert.equal((await seenBy(server.url)).env['SEEN'], 'from the config')
  await server.stop()
})

test('an early process that is killed while the config loads is replaced without a word', async (t) => {
  const project = projectWith(
    t,
    '',
    `import { existsSync } from 'node:fs'
while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 10))\n`,
  )
  const server = launch(project, options)
  await server.until('the config', () => {
    try {
      return early(project).length === 1
    } catch {
      return false // not written yet
    }
  })
  const [pid = 0] = early(project)
  killProcess(pid)
  // reaped: a process whose first thread has ended may have others
  await server.until('its end', () => !existsSync(`/proc/${pid}`))
  project.write('go', '')
  await server.says(/the worker is ready/)
  assert.doesNotMatch(server.stderr, /died|ERROR/)
  assert.match(server.stderr, /worker 0 \(pid \d+\) starts/)
  killProcess(server.child.pid ?? 0, 'SIGTERM')
  assert.deepEqual(await server.exited, { code: 0, signal: null })
})

test('no process is left when the config is wrong', async (t) => {
  const project = projectWith(t, `worker: 2`)
  const server = launch(project, options)
  assert.deepEqual(await server.exited, { code: 1, signal: null })
  const [pid = 0] = early(project)
  assert.ok(!isAlive(pid))
})
