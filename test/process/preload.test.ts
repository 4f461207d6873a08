// preload(): what it returns is built once, and all processes of the generation share its memory.

import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { noOtherUser, openToAll } from '../helpers/identity.ts'
import {
  memoryDescriptors,
  runsOf,
  sharedBytes,
  sharingApp,
  withoutKoffi,
  type Seen,
} from '../helpers/preload.ts'
import { groupMembers, isAlive, killProcess, residentBytes } from '../helpers/processes.ts'
import { longestWait } from '../helpers/wait.ts'
import {
  createProject,
  launch,
  startServer,
  type Cleaner,
  type LaunchOptions,
  type Project,
  type RunningServer,
} from '../helpers/tsgun.ts'

const isLinux = process.platform === 'linux'
const megabyte = 1024 * 1024

function sharingProject(t: Cleaner): Project {
  return createProject(t, { 'app.ts': sharingApp, value: 'xx' })
}

function start(project: Project, options: LaunchOptions & { workers?: number } = {}): Promise<RunningServer> {
  const { workers = 2, arguments: words = [], ...others } = options
  return startServer(project, {
    ...others,
    arguments: ['-b', '127.0.0.1:0', '-w', String(workers), ...words, './app.ts'],
  })
}

async function see(server: RunningServer, path = '/'): Promise<Seen> {
  return JSON.parse((await ask(server.url, path)).body) as Seen
}

/** What each of the workers sees. */
async function seeAll(server: RunningServer, count: number): Promise<readonly Seen[]> {
  const seen = new Map<number, Seen>()
  const giveUpAt = performance.now() + longestWait
  while (seen.size < count) {
    assert.ok(performance.now() < giveUpAt, `${count} workers respond`)
    const each = await see(server)
    seen.set(each.pid, each)
  }
  return [...seen.values()]
}

test('all workers see what preload() has returned, which ran once, in another process', async (t) => {
  const project = sharingProject(t)
  const server = await start(project)
  const seen = await seeAll(server, 2)
  for (const each of seen) {
    assert.deepEqual(runsOf(project), [String(each.by)])
    assert.notEqual(each.by, each.pid)
    assert.equal(each.length, 4 * megabyte)
    assert.equal(each.first, 2)
    assert.deepEqual(each.name, { nr: 1 })
    assert.equal(each.read, 'a file')
    assert.equal(each.bytes, 'a file')
    assert.equal(each.part, 'of a model')
  }
  assert.ok(!isAlive(Number(runsOf(project)[0])), 'its process has ended')
  assert.match(server.stderr, /preload: running .*\/app\.ts/)
  assert.match(server.stderr, /preload: done after .*; 16 MB are shared by all processes/)
  await server.stop()
})

test(
  'a write of one worker is seen by it alone, in all views of the buffer',
  { skip: !isLinux },
  async (t) => {
    const server = await start(sharingProject(t))
    await seeAll(server, 2)
    const { pid, middle } = await see(server, '/write')
    assert.equal(middle, 99)
    const other = (await seeAll(server, 2)).find((each) => each.pid !== pid)
    assert.equal(other?.middle, 2)
    await server.stop()
  },
)

test('a replacement maps the same memory, and preload() does not run again', async (t) => {
  const project = sharingProject(t)
  const server = await start(project, { workers: 1 })
  const { pid } = await see(server)
  killProcess(pid)
  await server.says(/worker 0 .* is ready/, 2)
  const { first, by, pid: next } = await see(server)
  assert.notEqual(next, pid)
  assert.deepEqual([first, runsOf(project)], [2, [String(by)]])
  await server.stop()
})

test('HUP runs it again, and the memory before is given back', { skip: !isLinux }, async (t) => {
  const project = sharingProject(t)
  const server = await start(project)
  const { directory } = await see(server)
  const before = memoryDescriptors(server.pid)
  assert.equal(before, 2, 'the value, and a file')
  project.write('value', 'xxxx')
  server.signal('SIGHUP')
  await server.says(/reload done/)
  for (const { first } of await seeAll(server, 2)) assert.equal(first, 4)
  await server.until('the end of the old directory', () => !existsSync(directory))
  assert.equal(runsOf(project).length, 2)
  assert.equal(memoryDescriptors(server.pid), before)
  await server.stop()
})

test(
  'an upgrade runs it in the new master, and the old one keeps what it has',
  { skip: !isLinux },
  async (t) => {
    const project = sharingProject(t)
    const server = await start(project, { workers: 1 })
    project.write('value', 'xxx')
    server.signal('SIGUSR2')
    await server.says(/upgrade: the new master \d+ serves/)
    const next = Number(/the new master (\d+) serves/.exec(server.stderr)?.[1])
    assert.deepEqual(
      [...(await seeAll(server, 2))].map(({ first }) => first).sort(),
      [2, 3],
      'two masters, each with its own',
    )
    server.signal('SIGTERM')
    await server.says(/upgrade done/)
    assert.equal((await see(server)).first, 3)
    killProcess(next, 'SIGTERM')
    await server.until('the end of the new master', () => !isAlive(next))
    assert.deepEqual(readdirSync(project.path('tmp')), [])
  },
)

test(
  'a start removes the directories of servers that were killed, and no others',
  { skip: !isLinux },
  async (t) => {
    const project = sharingProject(t)
    mkdirSync(project.path('shared'))
    const environment = { TMPDIR: project.path('shared') }
    const dead = await start(project, { workers: 1, environment })
    const { directory } = await see(dead)
    const alive = await start(project, { workers: 1, environment })
    const other = (await see(alive)).directory
    assert.ok(existsSync(directory), 'its server lives')
    for (const pid of groupMembers(dead.pid)) killProcess(pid)
    await dead.exited
    const third = await start(project, { workers: 1, environment })
    assert.ok(!existsSync(directory))
    assert.ok(existsSync(other))
    await third.stop()
    assert.equal((await see(alive)).part, 'of a model')
  },
)

test('workers of another user share it too', { skip: noOtherUser }, async (t) => {
  const project = openToAll(sharingProject(t))
  project.write('runs', '')
  project.write('app.ts', sharingApp.replace("appendFileSync('runs', process.pid + '\\n')", ''))
  const server = await start(project, { arguments: ['-u', 'nobody'] })
  for (const each of await seeAll(server, 2)) {
    assert.equal(each.first, 2)
    assert.equal(each.read, 'a file')
    assert.equal(each.part, 'of a model')
  }
  await server.stop()
})

test('shared memory does not count for max_memory', { skip: !isLinux }, async (t) => {
  const project = createProject(t, {
    'app.ts': `import { shared } from 'tsgun'
      export const preload = () => Promise.resolve(Buffer.alloc(300 * 1024 * 1024, 1))
      let sum = 0
      export function startup() { for (let at = 0; at < 300 * 1024 * 1024; at += 4096) sum += shared<typeof preload>()[at] }
      export default (req, res) => res.end(String(sum))\n`,
  })
  const server = await start(project, { workers: 1, arguments: ['--max-memory', '280M'] })
  assert.equal((await ask(server.url)).body, String((300 * megabyte) / 4096))
  const [pid = 0] = server.workerPids
  assert.ok(residentBytes(pid) > 300 * megabyte, 'it has read all of it')
  assert.ok(sharedBytes(pid) > 290 * megabyte)
  assert.doesNotMatch(server.stderr, /max_memory/)
  await server.stop()
})

test('without koffi every process gets a copy, and the log says what that costs', async (t) => {
  const project = sharingProject(t)
  const environment = { NODE_OPTIONS: withoutKoffi(project) }
  const server = await start(project, { environment })
  for (const each of await seeAll(server, 2)) {
    assert.equal(each.first, 2)
    assert.equal(each.read, 'a file')
    assert.equal(each.bytes, 'a file')
    assert.equal(each.part, 'of a model')
  }
  assert.match(server.stderr, /WARN.*every process has a copy of 16 MB, because .*no koffi here/)
  await server.stop()
})

test(
  'threads of the app share it too, and its child processes do not hold it',
  { skip: !isLinux },
  async (t) => {
    const project = createProject(t, {
      'thread.js': `import { parentPort } from 'node:worker_threads'
      import { shared } from 'tsgun'
      parentPort.postMessage(shared()[5])\n`,
      'app.js': `import { execFileSync } from 'node:child_process'
      import { once } from 'node:events'
      import { Worker } from 'node:worker_threads'
      export const preload = () => new Uint8Array(1024 * 1024).fill(7)
      export default async (req, res) => {
        const thread = new Worker(new URL('./thread.js', import.meta.url))
        const [seen] = await once(thread, 'message')
        const files = execFileSync('ls', ['-l', '/proc/self/fd'], { encoding: 'utf8' })
        res.end(seen + ' ' + files.includes('tsgun'))
      }\n`,
    })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.js'] })
    assert.equal((await ask(server.url)).body, '7 false')
    await server.stop()
  },
)

test(
  'the processes of tasks share it too, also one that replaces another, and preload() does not run again',
  { skip: !isLinux },
  async (t) => {
    const project = createProject(t, {
      'tables.ts': `import { appendFileSync } from 'node:fs'
      import type { PreloadContext } from 'tsgun'
      export async function preload({ file }: PreloadContext) {
        appendFileSync('runs', process.pid + '\\n')
        return { table: new Uint8Array(1024 * 1024).fill(7), file: await file(Buffer.from('a file')) }
      }\n`,
      'read.task.ts': `import { readFileSync } from 'node:fs'
      import { defineTask, shared } from 'tsgun'
      const { table, file } = shared<typeof import('./tables.ts').preload>()
      export default defineTask({
        load: () => table[5],
        run: (_: null, { model }) => ({ pid: process.pid, seen: [model, table.at(-1), readFileSync(file.path, 'utf8')] }),
      })\n`,
      'app.ts': `import { task } from 'tsgun'
      const read = task<typeof import('./read.task.ts')>('read')
      export default async (req: unknown, res: any) => res.end(JSON.stringify(await read.run(null)))\n`,
      'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0', preload: './tables.ts',
        tasks: { read: { module: './read.task.ts' } } }\n`,
    })
    const server = await startServer(project)
    const read = async (): Promise<{ pid: number; seen: unknown }> =>
      JSON.parse((await ask(server.url)).body) as { pid: number; seen: unknown }
    const { pid, seen } = await read()
    assert.deepEqual(seen, [7, 7, 'a file'])
    assert.equal(memoryDescriptors(pid), 2)
    killProcess(pid)
    const next = await read()
    assert.notEqual(next.pid, pid)
    assert.deepEqual(next.seen, seen)
    assert.equal(runsOf(project).length, 1)
    await server.stop()
  },
)

test('a CommonJS app, and a module that the setting names, have one too', async (t) => {
  const project = createProject(t, {
    'package.json': '{}',
    'app.js': `const { shared } = require('tsgun')
      module.exports = { app: (req, res) => res.end(shared().join()), preload: () => [1, 2] }\n`,
    'tables.ts': 'const tables: string[] = ["named"]\nexport default async () => tables\n',
    'plain.js': `const { shared } = require('tsgun')
      module.exports = (req, res) => res.end(shared().join())\n`,
  })
  for (const [words, body] of [
    [['./app.js'], '1,2'],
    [['--preload', './tables', './plain.js'], 'named'],
  ] as const) {
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', ...words] })
    assert.equal((await ask(server.url)).body, body)
    await server.stop()
  }
})

test('what preload() prints and logs is in the app log, without the number of a worker', async (t) => {
  const project = createProject(t, {
    'app.js': `import { log } from 'tsgun'
      export const preload = () => { console.log('printed'); log.info({ rows: 5 }, 'logged') }
      export default (req, res) => res.end()\n`,
  })
  const words = ['-b', '127.0.0.1:0', '--log-format', 'json', '--app-logfile', 'app.log', './app.js']
  const server = await startServer(project, { arguments: words })
  await server.stop()
  const records = project
    .read('app.log')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    records.map(({ process: from, nr, msg, rows }) => ({ from, nr, msg, rows })).sort(byMessage),
    [
      { from: 'preload', nr: undefined, msg: 'logged', rows: 5 },
      { from: 'preload', nr: undefined, msg: 'printed', rows: undefined },
    ],
  )
})

function byMessage(one: { msg: unknown }, other: { msg: unknown }): number {
  return String(one.msg) < String(other.msg) ? -1 : 1
}

test('--check-config runs it, and says why it fails', async (t) => {
  const project = sharingProject(t)
  const words = ['--check-config', '-b', '127.0.0.1:0', './app.ts']
  const right = launch(project, { arguments: words })
  assert.deepEqual(await right.exit(), { code: 0, signal: null }, right.report())
  assert.equal(runsOf(project).length, 1)
  project.write(
    'app.ts',
    sharingApp.replace("readFileSync('value', 'utf8')", "readFileSync('no-file', 'utf8')"),
  )
  const wrong = launch(project, { arguments: words })
  assert.deepEqual(await wrong.exit(), { code: 1, signal: null })
  assert.match(wrong.stderr, /preload\(\) of .*app\.ts failed: .*no-file/)
})
