// The image of config-examples/container, as a container engine runs it: a read-only root file system, no
// home, a user without an entry in /etc/passwd, and tsgun as the first process (PID 1).

import assert from 'node:assert/strict'
import { cpSync, existsSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import {
  exampleDirectory,
  exampleImage,
  execIn,
  firstProcess,
  imageOptions,
  noImage,
} from '../helpers/image.ts'
import { childrenOf, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Cleaner, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const skip = noImage

/** What each worker leaves behind, and what it may do. */
const hooks = `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
const attempt = (file) => {
  try { writeFileSync(file, ''); return 'written' } catch (error) { return error.code }
}
export function post_worker_init() {
  spawn('sh', ['-c', 'sh -c "echo orphan \\\\$\\\\$; sleep 0.3" &'], { stdio: 'inherit' })
  console.log('facts ' + JSON.stringify({ uid: process.getuid(), home: process.env.HOME, 
    root: attempt('/file'), own: attempt('file'), tmp: attempt('/tmp/file'), mode: process.env.NODE_ENV }))
}
`

function imageProject(t: Cleaner, files: Readonly<Record<string, string>>): Project {
  const project = createProject(t)
  cpSync(exampleDirectory, project.path('image'), { recursive: true })
  for (const [name, text] of Object.entries(files)) project.write(`image/${name}`, text)
  return project
}

interface Line {
  readonly msg?: string
  readonly path?: string
}

test(
  'in a read-only container without a home tsgun serves, reaps orphans, replaces workers and stops in time',
  { skip },
  async (t) => {
    const project = imageProject(t, { 'hooks.js': hooks })
    const words = ['--bind', '127.0.0.1:0', '--workers', '2', '--hooks', './hooks.js']
    const server = await startServer(project, imageOptions(project, exampleImage, { words }))
    const first = firstProcess(server)
    const printed = (): Line[] =>
      server.stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line) as Line)
    assert.equal(server.announcement?.pid, 1)

    assert.equal((await ask(server.url)).body, '{"tea":4}')
    assert.equal((await ask(server.url, '/ready')).status, 200)
    await server.until('the access line', () => printed().some(({ path }) => path === '/ready'))
    const facts = printed().flatMap(({ msg }) => /^facts (.*)/.exec(msg ?? '')?.[1] ?? [])
    const expected = {
      uid: 10001,
      home: '/',
      root: 'EROFS',
      own: 'EROFS',
      tmp: 'written',
      mode: 'production',
    }
    assert.deepEqual(
      facts.map((text) => JSON.parse(text) as unknown),
      [expected, expected],
    )

    const status = execIn(server, exampleImage, ['node_modules/tsgun/bin/tsgunctl.js', 'status'])
    assert.match(status, /^workers +2 of 2 ready$/m)

    await server.says(/"orphan \d+"/, 2)
    const orphans = printed().flatMap(({ msg }) => /^orphan (\d+)/.exec(msg ?? '')?.[1] ?? [])
    for (const pid of orphans)
      await eventually(`the end of the orphan ${pid}`, () =>
        existsSync(`/proc/${first}/root/proc/${pid}`) ? undefined : true,
      )

    const [worker = 0] = childrenOf(first)
    killProcess(worker)
    await server.says(/worker 0 \(pid \d+\) died: it was ended by SIGKILL/)
    await server.says(/worker 0 \(pid \d+\) is ready/, 2)
    assert.equal((await ask(server.url)).status, 200)

    killProcess(first, 'SIGTERM')
    assert.deepEqual(await server.exit(), { code: 0, signal: null }, server.report())
  },
)

test('TERM and INT end the first process of a container while its config is loaded', { skip }, async (t) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    const config = `console.error('loading')\nawait new Promise((done) => setTimeout(done, 600_000))\n`
    const project = imageProject(t, { 'server.config.ts': `${config}export default {}\n` })
    const server = launch(project, imageOptions(project, exampleImage))
    await server.says(/loading/)
    killProcess(firstProcess(server), signal)
    assert.deepEqual(await server.exit(), { code: 0, signal: null }, server.report())
  }
})

test('without a /tmp that can be written the start ends with what to mount', { skip }, async (t) => {
  const project = imageProject(t, {})
  const server = launch(project, imageOptions(project, exampleImage, { hasTmp: false }))
  assert.deepEqual(await server.exit(), { code: 1, signal: null }, server.report())
  assert.match(server.stderr, /TMPDIR: .* got "\/tmp": the file system is read-only; mount a tmpfs there/)
})
