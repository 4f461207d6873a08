// Programs that `tsgun build` has made, as an operator runs them: in an empty directory, with an empty PATH.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { ask } from './http.ts'
import { Launched, createProject, nodeBinary, repository, type LaunchOptions, type Project } from './tsgun.ts'
import { eventually } from './wait.ts'
import type { TestContext } from 'node:test'

const run = promisify(execFile)

/** An Express app with a native addon, files beside it, and each kind of module that a config names. */
const files = {
  'app.ts': `
    import { readFileSync } from 'node:fs'
    import { Worker } from 'node:worker_threads'
    import express from 'express'
    import koffi from 'koffi'
    import { bus, shared, task } from 'tsgun'
    import type crunch from './crunch.task.ts'
    import { greeting } from './lib/greeting.js'
    let ticks = 0
    bus.subscribe('tick', () => { ticks += 1 })
    const getpid = koffi.load(null).func('int getpid()')
    const app = express()
    app.get('/', (_req, res) => res.json({ greeting, native: getpid() === process.pid, directory: process.cwd(), pid: process.pid }))
    app.get('/task', async (_req, res) => res.json(await task<typeof crunch>('crunch').run(21)))
    app.get('/late', async (_req, res) => res.json((await import('./lib/late.ts')).late))
    app.get('/ticks', (_req, res) => res.json(ticks > 0))
    app.get('/shared', (_req, res) => res.json(shared().words))
    app.get('/page', (_req, res) => res.send(readFileSync(new URL('./pages/page.html', import.meta.url))))
    app.get('/thread', (_req, res) => {
      new Worker(new URL('./pages/thread.js', import.meta.url)).once('message', (text) => res.send(text))
    })
    app.get('/stuck', () => { for (;;); })
    export default app
  `,
  'lib/greeting.ts': "enum Words { Hello = 'hello' }\nexport const greeting: string = Words.Hello\n",
  'lib/late.ts': "export const late = 'late'\n",
  'crunch.task.ts': `
    import { defineTask } from 'tsgun'
    export default defineTask({ run: (input: number) => input * 2 })
  `,
  'pages/page.html': 'a page',
  'pages/thread.js': "import { parentPort } from 'node:worker_threads'\nparentPort.postMessage('a thread')\n",
  'preload.ts': "export const preload = () => ({ words: 'shared words' })\n",
  'lanes.ts': `
    import { defineWorkerClass } from 'tsgun'
    export const Lanes = defineWorkerClass({
      create: () => ({ request(_req, res, next) { res.setHeader('x-lane', 'fast'); return next() } }),
    })
  `,
  'live.ts': "export default { fetch: () => new Response('live') }\n",
  'poller.ts': `
    import { setTimeout as delay } from 'node:timers/promises'
    import { bus, type ServiceContext } from 'tsgun'
    export async function start({ signal }: ServiceContext): Promise<void> {
      while (!signal.aborted) {
        bus.publish('tick', 1)
        await delay(50)
      }
    }
  `,
  'cleanup.ts': `
    import type { ScheduleContext } from 'tsgun'
    export async function run({ log }: ScheduleContext): Promise<void> { log.info('a run of the build') }
  `,
  'hooks.ts': "export const post_fork = (): void => console.log('a hook of the build')\n",
  'server.config.ts': `
    import { defineConfig } from 'tsgun'
    export default defineConfig({
      app: './app.ts', chdir: import.meta.dirname, bind: '127.0.0.1:0', workers: 1, timeout: 2, hooks: './hooks.ts',
      control_socket: 'control.sock', tasks: { crunch: { module: './crunch.task.ts', processes: 1 } },
      preload: './preload.ts', worker_class: './lanes.ts:Lanes',
      services: {
        live: { app: './live.ts', bind: '127.0.0.2:0', workers: 1 },
        poller: { run: './poller.ts' },
        feed: { command: ['/bin/sleep', '1000'] },
      },
      schedules: { cleanup: { cron: '0 3 * * *', run: './cleanup.ts' } },
      when_ready: () => console.log('a hook of the config'),
    })
  `,
}

export function buildProject(t: TestContext): Project {
  return createProject(t, files, ['express', 'koffi', '@koromix/koffi-linux-x64'])
}

/** Resolves with what the command has printed. Rejects when it has failed. */
export async function build(
  project: Project,
  words: readonly string[],
  node = nodeBinary,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  return run(node, [`${repository}/bin/tsgun.js`, 'build', ...words], {
    cwd: project.directory,
    env: { ...process.env, TMPDIR: project.path('tmp') },
  })
}

/** Copies an executable into an empty directory, and returns its path there. */
export function place(project: Project, executable: string): string {
  mkdirSync(project.path('target'), { recursive: true })
  copyFileSync(project.path(executable), project.path('target/shop'))
  return project.path('target/shop')
}

export interface BuiltOptions {
  /** Where its files are unpacked. */
  readonly unpacked?: string
  /** Another user, when the tests run as root. */
  readonly user?: LaunchOptions['user']
}

/** A single executable that has been started, with nothing but itself. */
export async function startBuilt(
  project: Project,
  executable: string,
  { unpacked = project.path('unpacked'), user }: BuiltOptions = {},
): Promise<Launched> {
  const launched = new Launched(project, {
    program: executable,
    directory: project.path('target'),
    environment: { PATH: '', NODE_PATH: '', TSGUN_UNPACK_DIR: unpacked },
    ...(user !== undefined && { user }),
  })
  project.onEnd(async () => {
    if (!launched.hasExited) launched.signal('SIGTERM')
    await launched.exit()
  })
  await launched.until('it to serve', () => launched.announcement !== undefined || launched.hasExited)
  assert.ok(launched.announcement, launched.report())
  return launched
}

/** Its pages, services and hooks. Resolves with the address of the app. */
export async function expectServes(launched: Launched, directory: string): Promise<string> {
  const [url = '', live = ''] = launched.announcement?.listeners ?? []
  const first = await ask(url)
  const found = JSON.parse(first.body) as Record<string, unknown>
  assert.deepEqual([found['greeting'], found['native'], found['directory']], ['hello', true, directory])
  assert.equal(first.headers['x-lane'], 'fast')
  const paths = ['/task', '/late', '/shared', '/page', '/thread']
  const bodies = await Promise.all(paths.map(async (path) => (await ask(url, path)).body))
  assert.deepEqual(bodies, ['42', '"late"', '"shared words"', 'a page', 'a thread'])
  assert.equal((await ask(live)).body, 'live')
  await eventually('a message of the service', async () =>
    (await ask(url, '/ticks')).body === 'true' ? true : undefined,
  )
  await launched.says(/a hook of the config/)
  await launched.says(/a hook of the build/)
  return url
}

/** `ctl` and `--version` of the same file. */
export async function expectCommands(
  project: Project,
  executable: string,
  launched: Launched,
): Promise<void> {
  const environment = { PATH: '', TSGUN_UNPACK_DIR: project.path('unpacked') }
  const result = async (...words: string[]): Promise<string> =>
    (await run(executable, words, { cwd: project.path('tmp'), env: environment })).stdout
  assert.match(await result('ctl', 'status'), /serving[^]*service feed .*1 of 1 ready/)
  await result('ctl', 'run', 'cleanup')
  await launched.says(/a run of the build/)
  await result('ctl', 'scale', 'live', '2')
  await launched.says(/live 1 \(pid \d+\) is ready/)
  assert.match(await result('--version'), /^\d+\.\d+\.\d+\n$/)
  assert.match(await result('--help'), /^Usage: [^]*--check-config/)
}
