// Which user and group the workers have. These tests need root; the errors for an ordinary user are tested
// for both.

import assert from 'node:assert/strict'
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { WorkersResponse } from '../../src/control/protocol.ts'
import { tsgunctl } from '../helpers/control.ts'
import { ask } from '../helpers/http.ts'
import { identityOf, noOtherUser, nobody, openToAll } from '../helpers/identity.ts'
import { eventually } from '../helpers/wait.ts'
import { createProject, launch, repository, startServer, type Project } from '../helpers/tsgun.ts'

const skip = noOtherUser
const me = [process.getuid?.() ?? 0, process.getgid?.() ?? 0]
const typescript = {
  'server.config.ts': `import { defineConfig } from 'tsgun'
import { workers } from './workers.ts'
export default defineConfig({ app: './app.ts', bind: ['127.0.0.1:0', 'unix:web.sock'], workers, user: 'nobody', pidfile: 'server.pid',
  post_worker_init() { console.log('the hook runs as', process.getuid?.()) } })\n`,
  'workers.ts': 'export const workers: number = 2\n',
  'app.ts': `import { answer } from './answer.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'
enum Where { Late = 1 }
export default async (req: IncomingMessage, res: ServerResponse) => {
  const late = await import('./late.ts')
  res.end(answer(process.getuid!()) + late.text + Where.Late)
}\n`,
  'answer.ts': 'export const answer = (uid: number): string => `uid ${uid} `\n',
  'late.ts': 'export const text: string = "late"\n',
}

/** Every file and directory with compiled code: not the socket of the bus, which the user owns. */
function codeOf(project: Project): string[] {
  const names = readdirSync(project.path('tmp'), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => !/^tsgun-bus-/.test(name)).map((name) => join(project.path('tmp'), name))
}

test(
  'with user, workers run as that user and its group alone, and run TypeScript that was compiled as root',
  { skip },
  async (t) => {
    const project = openToAll(createProject(t, typescript))
    const server = await startServer(project)
    assert.deepEqual(identityOf(server.pid).uids, [0, 0, 0, 0], 'the master stays root')
    assert.equal(server.workerPids.length, 2)
    for (const pid of server.workerPids) {
      const { uids, gids, groups } = identityOf(pid)
      assert.deepEqual(
        { uids, gids, groups },
        { uids: fourOf(nobody.uid), gids: fourOf(nobody.gid), groups: [nobody.gid] },
      )
    }
    assert.equal((await ask(server.url)).body, `uid ${nobody.uid} late1`)
    await server.says(new RegExp(`the hook runs as ${nobody.uid}`), 2)
    const { uid, gid } = statSync(project.path('web.sock'))
    assert.deepEqual({ uid, gid }, nobody, 'the unix socket is given to the user')
    assert.equal((await ask(server.listeners[1] ?? '')).status, 200)
    await server.stop()
    assert.deepEqual(readdirSync(project.path('tmp')), [])
  },
)

test(
  'workers can read compiled code, only root can write it, and no other user has access, also after a reload and with a strict umask',
  { skip },
  async (t) => {
    const project = openToAll(createProject(t, typescript))
    const before = process.umask(0o077)
    const server = await startServer(project).finally(() => process.umask(before))
    server.signal('SIGHUP')
    await server.says(/reload done/)
    assert.equal((await ask(server.url)).body, `uid ${nobody.uid} late1`)
    const [root = ''] = readdirSync(project.path('tmp'))
    await server.until('the removal of the old code', () => !existsSync(project.path(`tmp/${root}/1`)))
    const code = codeOf(project)
    assert.ok(code.length >= 4, code.join())
    for (const path of code) {
      const { uid, gid, mode } = statSync(path)
      assert.deepEqual({ path, uid, gid, open: mode & 0o027 }, { path, uid: 0, gid: nobody.gid, open: 0 })
    }
    const [bus = ''] = readdirSync(project.path('tmp')).filter((name) => name.startsWith('tsgun-bus-'))
    for (const [path, uid] of [
      [project.path(`tmp/${bus}`), 0],
      [project.path(`tmp/${bus}/socket`), nobody.uid],
    ] as const) {
      const found = statSync(path)
      const rights = { path, uid: found.uid, gid: found.gid, open: found.mode & 0o027 }
      assert.deepEqual(rights, { path, uid, gid: nobody.gid, open: 0 })
    }
    assert.ok(!/gone|EACCES/.test(server.stderr), server.stderr)
    await server.stop()
  },
)

test('without user, only the user of the server can read compiled code', async (t) => {
  const project = createProject(t, {
    ...typescript,
    'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`,
  })
  const server = await startServer(project)
  for (const path of codeOf(project)) assert.equal(statSync(path).mode & 0o077, 0, path)
  await server.stop()
})

test(
  'group alone changes the group; ids need no name; initgroups adds the groups of the user',
  { skip },
  async (t) => {
    const project = openToAll(createProject(t, { 'app.mjs': 'export default (req, res) => res.end("ok")\n' }))
    const bind = ['-b', '127.0.0.1:0', './app.mjs']
    const cases = [
      { flags: ['-g', '54321'], uid: me[0], gid: 54_321, groups: [54_321] },
      { flags: ['-u', '54322', '-g', '54321'], uid: 54_322, gid: 54_321, groups: [54_321] },
      {
        flags: ['-u', 'nobody', '-g', '54321', '--initgroups'],
        uid: nobody.uid,
        gid: 54_321,
        groups: [54_321],
      },
    ]
    for (const { flags, uid = 0, gid, groups } of cases) {
      const server = await startServer(project, { arguments: [...flags, ...bind] })
      const identity = identityOf(server.workerPids[0] ?? 0)
      assert.deepEqual(identity, { uids: fourOf(uid), gids: fourOf(gid), groups }, flags.join(' '))
      await server.stop()
    }
  },
)

test('user, group and initgroups keep their first values over a reload', { skip }, async (t) => {
  const config = (user: string): string =>
    `export default { app: './app.mjs', bind: '127.0.0.1:0', user: ${user}, group: 54321 }\n`
  const project = openToAll(
    createProject(t, {
      'app.mjs': 'export default (req, res) => res.end("ok")\n',
      'server.config.js': config('54322'),
    }),
  )
  const server = await startServer(project)
  project.write('server.config.js', config('54323'))
  server.signal('SIGHUP')
  await server.says(/only a restart changes user/)
  await server.says(/reload done/)
  for (const pid of server.workerPids) assert.deepEqual(identityOf(pid).uids, fourOf(54_322))
  await server.stop()
})

test('an invalid user or group is reported in one line before anything is bound', async (t) => {
  const isRoot = process.getuid?.() === 0
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['-u', 'no-such-user'], /^command line: --user: user no-such-user does not exist$/m],
    [['-g', 'no-such-group'], /^command line: --group: group no-such-group does not exist$/m],
    [['-u', '54322'], /^command line: --user: user 54322 has no primary group; set `group` too$/m],
    [['--initgroups'], /^command line: --initgroups: expected `user` to be set too/m],
    [
      ['-u', '54322', '-g', '54321', '--initgroups'],
      /^command line: --initgroups: user 54322 has no name; `initgroups` needs one$/m,
    ],
    ...(isRoot ? [] : [[['-u', '0'], /^command line: --user: only a master that runs as root/m] as const]),
  ]
  await Promise.all(
    cases.map(async ([flags, line]) => {
      const server = launch(createProject(t, { 'app.mjs': '' }), { arguments: [...flags, './app.mjs'] })
      assert.deepEqual(await server.exit(), { code: 1, signal: null }, server.report())
      assert.match(server.stderr, line)
      assert.equal(server.stderr.trim().split('\n').length, 1, server.stderr)
    }),
  )
})

test('an ordinary user cannot run workers as another user, and gets an error', { skip }, async (t) => {
  const project = openToAll(createProject(t, { 'app.mjs': '' }))
  const server = launch(project, { arguments: ['-u', 'root', './app.mjs'], user: nobody })
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.equal(
    server.stderr,
    'command line: --user: only a master that runs as root can run its workers as another user or group\n',
  )
})

test('a TMPDIR that the workers cannot enter is named when they fail', { skip }, async (t) => {
  const project = openToAll(createProject(t, typescript))
  chmodSync(project.path('tmp'), 0o700)
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(
    server.stderr,
    /failed to boot: the workers' user cannot read the compiled code in .*: set TMPDIR to a directory that this user can enter/,
  )
})

const names = `export default (req, res) => {
  const { HOME, USER, LOGNAME, SHELL } = process.env
  res.end(JSON.stringify([HOME, USER, LOGNAME, SHELL].map((value) => value ?? null)))
}\n`

test(
  'a worker has HOME, USER and LOGNAME of its own user, unless env sets them; an id without an entry has neither of the names of root',
  { skip },
  async (t) => {
    const project = openToAll(createProject(t, { 'app.mjs': names }))
    const environment = { HOME: '/root', USER: 'root', LOGNAME: 'root', SHELL: '/bin/shell' }
    const cases = [
      { flags: ['-u', 'nobody'], expected: [homeOfNobody(), 'nobody', 'nobody', '/bin/shell'] },
      {
        flags: ['-u', String(nobody.uid), '-g', '54321', '-e', 'HOME=/srv'],
        expected: ['/srv', 'nobody', 'nobody', '/bin/shell'],
      },
      { flags: ['-u', '54322', '-g', '54321'], expected: ['/', null, null, '/bin/shell'] },
      { flags: ['-g', '54321'], expected: ['/root', 'root', 'root', '/bin/shell'] },
    ]
    for (const { flags, expected } of cases) {
      const words = [...flags, '-b', '127.0.0.1:0', './app.mjs']
      const server = await startServer(project, { arguments: words, environment })
      assert.deepEqual(JSON.parse((await ask(server.url)).body), expected, flags.join(' '))
      await server.stop()
    }
  },
)

function homeOfNobody(): string {
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('nobody:'))
  return entry?.split(':')[5] ?? assert.fail('nobody is not in /etc/passwd')
}

test(
  'everything starts for a random user id without HOME and without an entry in /etc/passwd, as in OpenShift',
  { skip },
  async (t) => {
    const project = openToAll(
      createProject(t, {
        ...typescript,
        'server.config.ts': `export default {
      app: './home.ts', bind: '127.0.0.1:0', control_socket: 'control.sock' }\n`,
        'home.ts': `import { homedir } from 'node:os'
        export default (req: unknown, res: { end(text: string): void }) => res.end(homedir())\n`,
      }),
    )
    const user = { uid: 1_000_650_000, gid: 0 }
    chmodSync(project.directory, 0o777)
    const environment = { HOME: undefined, USER: undefined, LOGNAME: undefined }
    const server = await startServer(project, { user, environment })
    assert.equal((await ask(server.url)).body, '/')
    server.signal('SIGHUP')
    await server.says(/reload done/)
    const bin = join(repository, 'bin/tsgunctl.js')
    const status = launch(project, { bin, user, environment, arguments: ['status'] })
    assert.deepEqual(await status.exit(), { code: 0, signal: null }, status.report())
    await server.stop()
  },
)

function fourOf(id: number): number[] {
  return [id, id, id, id]
}

test(
  'a service may have another user: it reads the compiled code, and uses the bus and tasks, by the group of the workers',
  { skip },
  async (t) => {
    const config = (uid: number): string =>
      `export default { app: './app.ts', bind: '127.0.0.1:0', workers: 1, user: 'nobody', control_socket: 'ctl.sock',
         tasks: { double: { module: './double.ts' } },
         services: {
           live: { app: './live.ts', bind: 'unix:live.sock', workers: 1, user: ${uid}, group: 54321 },
           poller: { run: './poller.ts', user: ${uid}, group: 54321 },
           feed: { command: ['sleep', '600'], user: 54323, group: 54321 },
         },
         schedules: { job: { cron: '@yearly', run: './job.ts', user: 54324, group: 54324 } } }\n`
    const project = openToAll(
      createProject(t, {
        'app.ts': `import { bus } from 'tsgun'\nexport default (req, res) => { bus.publish('web', 1); res.end('web') }\n`,
        'double.ts': `import { defineTask } from 'tsgun'
export default defineTask({ run: (input: number) => input * 2 })\n`,
        'live.ts': `import { bus, task } from 'tsgun'
const double = task('double')
let got = 0
bus.subscribe('web', () => { got += 1 })
export default async (req, res) => res.end(process.getuid!() + ' ' + got + ' ' + await double.run(21))\n`,
        'poller.ts': `export async function start({ signal, log }: { signal: AbortSignal, log: any }) {
  log.info('poller runs as ' + process.getuid!())
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}\n`,
        'job.ts': `export const run = ({ log }: { log: any }) => log.info('job runs as ' + process.getuid!())\n`,
        'server.config.js': config(54322),
      }),
    )
    const server = await startServer(project)
    const live = `unix:${project.path('live.sock')}`
    const { uid, gid } = statSync(project.path('live.sock'))
    assert.deepEqual({ uid, gid }, { uid: 54_322, gid: 54_321 }, 'its unix socket is its own')
    assert.match((await ask(live)).body, /^54322 \d+ 42$/)
    await eventually('a message of the bus', async () => {
      await ask(server.url)
      return /^54322 [1-9]/.test((await ask(live)).body) ? true : undefined
    })
    await server.says(/poller runs as 54322/)
    await tsgunctl(project, 'run', 'job')
    await server.says(/job runs as 54324/)
    const { workers } = JSON.parse(await tsgunctl(project, '--json', 'workers')) as WorkersResponse
    const of = (name: string): ReturnType<typeof identityOf> =>
      identityOf(workers.find(({ service }) => service === name)?.pid ?? 0)
    assert.deepEqual(of('web').uids, fourOf(nobody.uid))
    assert.deepEqual(of('live'), {
      uids: fourOf(54_322),
      gids: fourOf(54_321),
      groups: [54_321, nobody.gid].sort((a, b) => a - b),
    })
    assert.deepEqual([of('feed').uids, of('feed').gids], [fourOf(54_323), fourOf(54_321)])

    project.write('server.config.js', config(54_325))
    server.signal('SIGHUP')
    await server.says(/reload done/)
    await server.says(/poller runs as 54325/)
    assert.match((await ask(live)).body, /^54325 \d+ 42$/)
    await server.stop()

    project.write('server.config.js', config(54_325).replace(`user: 'nobody',`, ''))
    const refused = launch(project)
    assert.notEqual((await refused.exit()).code, 0)
    assert.match(refused.stderr, /services\.live\.user: expected `group` of the server to be set too: /)
  },
)
