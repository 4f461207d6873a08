// A machine that is short of something, or an installation that is half replaced: the disk of TMPDIR is full,
// no descriptor is free, processes are limited, esbuild's program is of another version. One line says what
// and how to mend it, at the start, in a reload and in a worker, and what serves goes on serving.

import assert from 'node:assert/strict'
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { growDisk, smallDisk } from '../helpers/full-disk.ts'
import { ask } from '../helpers/http.ts'
import { groupMembers } from '../helpers/processes.ts'
import { createProject, launch, repository, startServer, type Project } from '../helpers/tsgun.ts'

const app = `export default (req: unknown, res: { end(text: string): void }) => res.end('ok')\n`
const files = {
  'app.ts': app,
  'server.config.mjs': `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`,
}
const big = `export const text: string = '${'x'.repeat(60_000)}'\n`
const full =
  /compiled code cannot be written to \/.*: the disk is full; free some space there, or set TMPDIR to another directory$/m

/** Starts tsgun, which refuses, and returns its only line. */
async function refusal(project: Project, options: Parameters<typeof launch>[1] = {}): Promise<string> {
  const launched = launch(project, options)
  const exit = await launched.exit()
  assert.equal(exit.code, 1, launched.report())
  assert.equal(launched.stderr.trimEnd().split('\n').length, 1, launched.report())
  return launched.stderr
}

test('a disk for compiled code that is full ends a start in one line', async (t) => {
  for (const [config, entry] of [
    ['server.config.mjs', files['server.config.mjs']],
    ['server.config.ts', `${files['server.config.mjs']}${big}`],
  ] as const) {
    const project = createProject(t, { 'app.ts': app + big, [config]: entry })
    const disk = smallDisk(project, 16_384)
    if (disk === undefined) return t.skip('only root may mount a small file system')
    assert.match(await refusal(project, { environment: { TMPDIR: disk } }), full)
  }
})

test(
  'a disk for compiled code that is full fails a reload in one line, and the next one ' + 'succeeds',
  async (t) => {
    const project = createProject(t, files)
    const disk = smallDisk(project, 32_768)
    if (disk === undefined) return t.skip('only root may mount a small file system')
    const server = await startServer(project, { environment: { TMPDIR: disk } })
    project.write('app.ts', app + big)
    server.signal('SIGHUP')
    await server.says(new RegExp(`reload failed, the old generation keeps serving: ${full.source}`, 'm'))
    growDisk(disk, 4_194_304)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    assert.equal((await ask(server.url)).status, 200)
    await server.stop()
  },
)

test('too few open files end a start in one line with the limit', async (t) => {
  const project = createProject(t, files)
  for (const limit of [22, 30]) {
    const line = await refusal(project, { limit: `ulimit -n ${limit}` })
    assert.match(
      line,
      new RegExp(`\\(${limit}\\); raise the limit: ulimit -n|\\(EMFILE\\).*: ulimit -n, or LimitNOFILE=`),
    )
  }
})

/** Takes all descriptors but that many when the file "taken" exists. */
const greedy = (free: number): string => `import { closeSync, existsSync, openSync } from 'node:fs'
const taken = []
try {
  if (process.env.TSGUN_WORKER_NR === undefined && existsSync('taken')) for (;;) taken.push(openSync('/dev/null'))
} catch {}
for (const fd of taken.slice(0, ${free})) closeSync(fd)
${files['server.config.mjs']}`

for (const free of [0, 2, 5])
  test(`a start with ${free} free descriptors is refused in one line`, async (t) => {
    const project = createProject(t, { 'app.ts': app, 'server.config.mjs': greedy(free), taken: '' })
    const launched = launch(project, { limit: 'ulimit -n 300' })
    await launched.exit()
    assert.match(launched.stderr, /\(EMFILE\).*: ulimit -n, or LimitNOFILE=/)
    assert.doesNotMatch(launched.stderr, /^ {4}at |an error of its own/m, launched.report())
  })

for (const free of [0, 2, 5, 9])
  test(`a reload with ${free} free descriptors fails in one line, and the server serves`, async (t) => {
    const project = createProject(t, { 'app.ts': app, 'server.config.mjs': greedy(free) })
    const server = await startServer(project, { limit: 'ulimit -n 300' })
    project.write('taken', '')
    server.signal('SIGHUP')
    await server.says(
      /reload failed, the old generation keeps serving: .*\(EMFILE\).*: ulimit -n, or LimitNOFILE=/,
    )
    assert.doesNotMatch(server.stderr, /^ +at |uncaught/m, server.report())
    assert.equal((await ask(server.url)).status, 200)
    await server.stop()
  })

test('a worker without free descriptors says so when its app is loaded', async (t) => {
  const project = createProject(t, {
    'server.config.mjs': `export default { app: './app.mjs', bind: '127.0.0.1:0' }\n`,
    'app.mjs': `import { openSync, readFileSync } from 'node:fs'
try { for (;;) openSync('/dev/null') } catch {}
readFileSync('app.mjs')
export default (req, res) => res.end()\n`,
  })
  const launched = launch(project, { limit: 'ulimit -n 300' })
  assert.equal((await launched.exit()).code, 3)
  assert.match(
    launched.stderr,
    /app\.mjs: no file descriptor is free in this process \(EMFILE\): raise .*ulimit -n/,
  )
})

test('a limit of processes is named when esbuild cannot start', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('only root may start it as a user without other processes')
  const user = { uid: 65_533, gid: 65_533 }
  // How much Node.js itself needs differs by version: with less it aborts, or hangs with a child.
  for (const limit of [21, 20, 22, 19, 23, 24, 27, 30]) {
    const project = createProject(t, { ...files, 'server.config.ts': files['server.config.mjs'] })
    for (const path of ['.', 'tmp']) chmodSync(project.path(path), 0o777)
    const launched = launch(project, { limit: `ulimit -u ${limit}`, user })
    await Promise.race([launched.exited, delay(5000, undefined, { ref: false })])
    if (groupMembers(launched.pid).length > 0) process.kill(-launched.pid, 'SIGKILL')
    if ((await launched.exited).signal !== null || launched.stderr === '') continue
    assert.match(launched.stderr, /raise ulimit -u/)
    assert.doesNotMatch(launched.stderr, /an error of its own/)
    return
  }
  t.skip('no limit lets this Node.js start and esbuild not')
})

test('a limit of addresses is named when a worker cannot start', async (t) => {
  const project = createProject(t, files)
  const launched = launch(project, { limit: 'ulimit -v 2000000' })
  await launched.until(
    'an end',
    () => launched.hasExited || /workers? (?:is|are) ready/.test(launched.stderr),
  )
  if (!/was ended by SIG/.test(launched.stderr))
    return t.skip('this Node.js needs less, or more in the master')
  assert.match(launched.stderr, /its address space is limited to \d+ MiB; raise ulimit -v/)
})

/** A program of esbuild that says what that of another version says. */
function otherVersion(t: TestContext, text: Readonly<Record<string, string>>): Project {
  const project = createProject(t, { ...text, esbuild: '#!/bin/sh\n' })
  writeFileSync(
    project.path('esbuild'),
    `#!/bin/sh\necho '✘ [ERROR] Cannot start service: Host version "0.99.0" does not match binary ` +
      `version "0.25.0"' >&2\nexit 1\n`,
    { mode: 0o755 },
  )
  chmodSync(project.path('esbuild'), 0o755)
  return project
}

test('a program of esbuild of another version ends a start with its path and both versions', async (t) => {
  const said = (project: Project): RegExp =>
    new RegExp(
      `esbuild, which compiles TypeScript, cannot run: its program ${project.path('esbuild')} is of ` +
        'version ' +
        '0\\.25\\.0, and its package of 0\\.99\\.0; unset ESBUILD_BINARY_PATH$',
      'm',
    )
  const typed = otherVersion(t, { 'app.ts': app, 'server.config.ts': files['server.config.mjs'] })
  const environment = (project: Project): NodeJS.ProcessEnv => ({
    ESBUILD_BINARY_PATH: project.path('esbuild'),
  })
  assert.match(await refusal(typed, { environment: environment(typed) }), said(typed))
  const plain = otherVersion(t, files)
  const launched = launch(plain, { environment: environment(plain) })
  assert.equal((await launched.exit()).code, 1)
  assert.match(launched.stderr, said(plain))
})

test('an installation without the program of esbuild says what is missing', async (t) => {
  const project = createProject(t, { ...files, 'server.config.ts': files['server.config.mjs'] })
  copyFileSync(join(repository, 'package.json'), project.path('program'))
  const environment = { ESBUILD_BINARY_PATH: project.path('program') }
  assert.match(await refusal(project, { environment }), /its program .* may not be executed \(EACCES\)/)
})
