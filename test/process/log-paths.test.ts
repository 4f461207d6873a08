// Log paths that are no regular files, as images of containers have them: links to the standard streams,
// FIFOs.

import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants, existsSync, lstatSync, openSync, readSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { groupMembers, killIfRunning, killProcess } from '../helpers/processes.ts'
import {
  cleanEnvironment,
  createProject,
  launch,
  nodeBinary,
  repository,
  startServer,
  type Project,
} from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = `export default (req, res) => {
  console.log('printed', req.url)
  res.end('ok')
}
`

const links: Readonly<Record<string, string>> = {
  'dev-stdout.log': '/dev/stdout',
  'dev-fd.log': '/dev/fd/1',
  'proc-self.log': '/proc/self/fd/1',
  'chain.log': './logs/../dev-fd.log',
}

function projectWith(t: TestContext, settings: string): Project {
  const project = createProject(t, {
    'app.js': app,
    'logs/keep': '',
    'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', access_log_format: '%(s)s %(U)s', ${settings} }\n`,
  })
  for (const [name, target] of Object.entries(links)) symlinkSync(target, project.path(name))
  return project
}

/** Pairs of access log and app log that are all the standard output. */
const pairs = [
  ['dev-stdout.log', 'chain.log'],
  ['dev-fd.log', 'proc-self.log'],
  ['/dev/fd/1', '/proc/self/fd/1'],
] as const

for (const [access, application] of pairs) {
  const settings = `accesslog: '${access}', applog: '${application}', log_rotation: { size: '1m', keep: 1 }`

  test(`${access} and ${application} are the standard output when that is a socket`, async (t) => {
    const server = await startServer(projectWith(t, settings))
    assert.equal((await ask(server.url, '/first')).status, 200)
    await server.says(/^200 \/first$/m)
    await server.says(/printed \/first/)
    server.signal('SIGUSR1')
    await server.says(/reopened/)
    assert.equal((await ask(server.url, '/second')).status, 200)
    await server.says(/^200 \/second$/m)
    await server.stop()
    assert.ok(lstatSync(server.project.path('chain.log')).isSymbolicLink())
  })

  for (const [kind, redirect] of [
    ['pipe', '| cat >> out.txt'],
    ['file', '>> out.txt'],
  ] as const)
    test(`${access} and ${application} are the standard output when that is a ${kind}`, async (t) => {
      const project = projectWith(t, `${settings}, errorlog: 'error.log', pidfile: 'server.pid'`)
      project.write('out.txt', 'before\n')
      const bin = join(repository, 'bin/tsgun.js')
      const child = spawn('sh', ['-c', `"${nodeBinary}" "${bin}" ${redirect}`], {
        cwd: project.directory,
        detached: true,
        env: { ...cleanEnvironment(), TMPDIR: project.path('tmp') },
        stdio: ['ignore', 'ignore', 'inherit'],
      })
      const ended = once(child, 'exit')
      project.onEnd(async () => {
        for (const pid of groupMembers(child.pid ?? 0)) killIfRunning(pid)
        await ended
      })
      const log = (): string => (existsSync(project.path('error.log')) ? project.read('error.log') : '')
      await eventually('the start', () => /is ready/.test(log()) || undefined, log)
      const url = /listening at (\S+)/.exec(log())?.[1] ?? ''
      assert.equal((await ask(url, '/first')).status, 200)
      const lines = [/^before$/m, /^200 \/first$/m, /printed \/first/]
      const output = (): string => project.read('out.txt')
      await eventually('the lines', () => lines.every((line) => line.test(output())) || undefined, output)
      killProcess(Number(project.read('server.pid')), 'SIGTERM')
      assert.deepEqual(await ended, [0, null], log())
    })
}

test('a FIFO gets the lines, also those before its reader starts, and an absent reader stops nothing', async (t) => {
  const project = projectWith(t, `accesslog: 'access.link', applog: null`)
  execFileSync('mkfifo', [project.path('access.fifo')])
  symlinkSync('access.fifo', project.path('access.link'))
  const server = await startServer(project)
  assert.equal((await ask(server.url, '/before')).status, 200)
  server.signal('SIGUSR1')
  await server.says(/reopened/)
  let lines = ''
  const fd = openSync(project.path('access.fifo'), constants.O_RDONLY | constants.O_NONBLOCK)
  const read = (): string => {
    const bytes = Buffer.alloc(65_536)
    try {
      lines += bytes.toString('utf8', 0, readSync(fd, bytes))
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN')
    }
    return lines
  }
  assert.equal((await ask(server.url, '/after')).status, 200)
  await eventually('the lines', () => /200 \/before\n200 \/after\n/.test(read()) || undefined, read)
  const long = `/${'x'.repeat(4000)}`
  for (let number = 0; number < 40; number += 1) assert.equal((await ask(server.url, long)).status, 200)
  await server.says(/access\.link.*it is full, because no process reads it/)
  await eventually('all lines', () => read().split(long).length === 41 || undefined)
  await server.stop()
})

test('a log path that is a unix socket is refused with the reason', async (t) => {
  const project = projectWith(t, `accesslog: 'log.sock'`)
  const socket = createServer().listen(project.path('log.sock'))
  await once(socket, 'listening')
  t.after(() => socket.close())
  const server = launch(project)
  assert.deepEqual(await server.exit(), { code: 1, signal: null })
  assert.match(
    server.stderr,
    /accesslog: cannot open .*log\.sock: it is a socket; name a file, a FIFO or "-"/,
  )
})
