// Programs that `tsgun build` has made, as an operator runs them: in an empty directory, with an empty PATH.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import { ask } from './http.ts'
import { Launched, createProject, nodeBinary, repository, type Project } from './tsgun.ts'
import type { TestContext } from 'node:test'

const run = promisify(execFile)

/** An Express app with a native addon, a task, a hook script, and a module that is loaded late. */
const files = {
  'app.ts': `
    import express from 'express'
    import koffi from 'koffi'
    import { task } from 'tsgun'
    import type crunch from './crunch.task.ts'
    import { greeting } from './lib/greeting.js'
    const getpid = koffi.load(null).func('int getpid()')
    const app = express()
    app.get('/', (_req, res) => res.json({ greeting, native: getpid() === process.pid, directory: process.cwd(), pid: process.pid }))
    app.get('/task', async (_req, res) => res.json(await task<typeof crunch>('crunch').run(21)))
    app.get('/late', async (_req, res) => res.json((await import('./lib/late.ts')).late))
    app.get('/stuck', () => { for (;;); })
    export default app
  `,
  'lib/greeting.ts': "enum Words { Hello = 'hello' }\nexport const greeting: string = Words.Hello\n",
  'lib/late.ts': "export const late = 'late'\n",
  'crunch.task.ts': `
    import { defineTask } from 'tsgun'
    export default defineTask({ run: (input: number) => input * 2 })
  `,
  'hooks.ts': "export const post_fork = (): void => console.log('a hook of the build')\n",
  'server.config.ts': `
    import { defineConfig } from 'tsgun'
    export default defineConfig({
      app: './app.ts', chdir: import.meta.dirname, bind: '127.0.0.1:0', workers: 1, timeout: 2, hooks: './hooks.ts',
      control_socket: 'control.sock', tasks: { crunch: { module: './crunch.task.ts', processes: 1 } },
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

/** A single executable that has been started, with nothing but itself. */
export async function startBuilt(project: Project, executable: string): Promise<Launched> {
  const launched = new Launched(project, {
    program: executable,
    directory: project.path('target'),
    environment: { PATH: '', NODE_PATH: '', TSGUN_UNPACK_DIR: project.path('unpacked') },
  })
  project.onEnd(async () => {
    if (!launched.hasExited) launched.signal('SIGTERM')
    await launched.exit()
  })
  await launched.until('it to serve', () => launched.announcement !== undefined || launched.hasExited)
  assert.ok(launched.announcement, launched.report())
  return launched
}

/** Its pages, and the hooks. */
export async function expectServes(launched: Launched, directory: string): Promise<string> {
  const [url = ''] = launched.announcement?.listeners ?? []
  const found = JSON.parse((await ask(url)).body) as Record<string, unknown>
  assert.deepEqual([found['greeting'], found['native'], found['directory']], ['hello', true, directory])
  assert.equal((await ask(url, '/task')).body, '42')
  assert.equal((await ask(url, '/late')).body, '"late"')
  await launched.says(/a hook of the config/)
  await launched.says(/a hook of the build/)
  return url
}

/** `ctl` and `--version` of the same file, and the directory of its files. */
export async function expectCommands(project: Project, executable: string): Promise<void> {
  const options = {
    cwd: project.path('tmp'),
    env: { PATH: '', TSGUN_UNPACK_DIR: project.path('unpacked') },
  }
  const status = await run(executable, ['ctl', 'status'], options)
  assert.match(status.stdout, /serving/)
  const version = await run(executable, ['--version'], options)
  assert.match(version.stdout, /^\d+\.\d+\.\d+\n$/)
  assert.equal(readdirSync(project.path('unpacked')).length, 1)
}
