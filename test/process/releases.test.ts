// Releases in directories of their own and a link to the current one, which is switched before HUP: a
// generation stays with the release that it was loaded from, whatever the link points to later, and a reload
// loads all of the next one.

import assert from 'node:assert/strict'
import { renameSync, rmSync, symlinkSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import {
  createProject,
  startServer,
  type LaunchOptions,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

/** The release's own module responds, in the directory that the worker is in. */
const app = `import { release } from './release.js'
export default (req, res) => res.end(release + ' in ' + process.cwd())\n`

function addRelease(project: Project, number: number, first = ''): void {
  project.write(`releases/${number}/package.json`, '{ "type": "module" }\n')
  project.write(`releases/${number}/release.js`, `${first}\nexport const release = 'release ${number}'\n`)
  project.write(`releases/${number}/app.js`, app)
  project.write(
    `releases/${number}/app.ts`,
    `const typed: string = ''\n${app.replace('release +', 'typed + release +')}`,
  )
}

/** Like `mv -T`: the link exists at every moment. */
function switchTo(project: Project, number: number): void {
  symlinkSync(`releases/${number}`, project.path('next'))
  renameSync(project.path('next'), project.path('current'))
}

interface Way {
  readonly name: string
  readonly config: string
  readonly options: (project: Project) => LaunchOptions
  /** The worker's directory. */
  readonly directory: (release: number) => string
}

const inRelease = (release: number): string => `releases/${release}`

const ways: readonly Way[] = [
  {
    name: 'the command is given in the linked directory',
    config: `export default { app: './app.js', bind: '127.0.0.1:0', workers: 3 }\n`,
    options: (project) => ({
      directory: project.path('current'),
      environment: { PWD: project.path('current') },
    }),
    directory: inRelease,
  },
  {
    name: 'chdir is the directory of the config, which is named through the link',
    config:
      `export default { app: './app.ts', chdir: import.meta.dirname, bind: '127.0.0.1:0', workers: 3 ` +
      '}\n',
    options: () => ({ arguments: ['-c', 'current/server.config.js'] }),
    directory: inRelease,
  },
  {
    name: 'config and app are named through the link',
    config: `export default { app: './current/app.js', bind: '127.0.0.1:0', workers: 3 }\n`,
    options: () => ({ arguments: ['-c', 'current/server.config.js'] }),
    directory: () => '',
  },
]

interface Started {
  readonly project: Project
  readonly server: RunningServer
  /** All workers respond with this release, at their next request. */
  readonly assertServes: (release: number) => Promise<void>
}

async function start(t: TestContext, { config, options, directory }: Way): Promise<Started> {
  const project = createProject(t)
  for (const number of [1, 2]) {
    addRelease(project, number)
    project.write(`releases/${number}/server.config.js`, config)
  }
  switchTo(project, 1)
  const server = await startServer(project, options(project))
  const assertServes = async (release: number): Promise<void> => {
    const answers = await Promise.all(Array.from({ length: 15 }, () => ask(server.url)))
    const expected = `release ${release} in ${project.path(directory(release)).replace(/\/$/, '')}`
    assert.deepEqual(new Set(answers.map(({ body }) => body)), new Set([expected]), server.report())
  }
  await assertServes(1)
  return { project, server, assertServes }
}

for (const way of ways) {
  test(`a release that fails half-way leaves the old one in each slot, and the next one is accepted: ${way.name}`, async (t) => {
    const { project, server, assertServes } = await start(t, way)
    addRelease(project, 2, `if (process.env.TSGUN_WORKER_NR === '2') throw new Error('no third shard')`)
    switchTo(project, 2)
    server.signal('SIGHUP')
    await server.says(/reload failed, the old generation keeps serving: .*no third shard/)
    // Slots 0 and 1 had the new release: their old workers have exited, and then their new ones.
    await server.says(/ended: reload, after /, 4)
    await server.until('three workers', () => server.workerPids.length === 3)
    await assertServes(1)
    addRelease(project, 2)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    await server.says(/ended: reload, after /, 7)
    await assertServes(2)
    await server.stop()
  })
}

test('a worker that is replaced while the link points to another release runs the one of its generation', async (t) => {
  for (const way of ways.slice(1)) {
    await t.test(way.name, async (t) => {
      const { project, server, assertServes } = await start(t, way)
      switchTo(project, 2)
      for (const pid of server.workerPids) killProcess(pid)
      await server.says(/is ready after/, 6)
      await assertServes(1)
      await server.stop()
    })
  }
})

test('the release that the server was started in can be removed when another one serves', async (t) => {
  const [way] = ways
  assert.ok(way)
  const { project, server, assertServes } = await start(t, way)
  switchTo(project, 2)
  server.signal('SIGHUP')
  await server.says(/reload done: generation 2/)
  await server.says(/ended: reload, after /, 3)
  rmSync(project.path('releases/1'), { recursive: true })
  addRelease(project, 3)
  // In TypeScript, so that a process of the compiler is started where the server is.
  project.write('releases/3/server.config.js', way.config.replace('app.js', 'app.ts'))
  switchTo(project, 3)
  server.signal('SIGHUP')
  await server.says(/reload done: generation 3/)
  await server.says(/ended: reload, after /, 6)
  await assertServes(3)
  await server.stop()
})
