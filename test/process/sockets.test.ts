// Where a server can listen, who can access it, and that an address which cannot be bound leaves nothing
// behind.

import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer, createConnection, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { test } from 'node:test'
import { bindTcp } from '../../src/os/system/handles.ts'
import { loadNative } from '../../src/os/system/native.ts'
import { ask } from '../helpers/http.ts'
import { noOtherUser, nobody, openToAll } from '../helpers/identity.ts'
import { groupMembers, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type LaunchOptions, type Project } from '../helpers/tsgun.ts'

const hello = { 'app.mjs': 'export default (req, res) => res.end("hello")\n' }
const hasIPv6 = Object.values(networkInterfaces()).some((entries) =>
  entries?.some(({ address }) => address === '::1'),
)
const bind = (...addresses: string[]): string[] => [
  ...addresses.flatMap((address) => ['-b', address]),
  './app.mjs',
]

/** A free port that the kernel does not choose for port 0, which other tests use all the time. */
async function portOfNobody(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 20_000)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) =>
      probe.once('error', () => resolve(false)).listen(port, '::', () => resolve(true)),
    )
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}

/**
 * A start that is refused with a sentence: exit code 1, no stack, and nothing left of what was created
 * before.
 */
async function refused(project: Project, reason: RegExp, options: LaunchOptions): Promise<string> {
  const server = launch(project, options)
  assert.deepEqual(await server.exit(), { code: 1, signal: null }, server.report())
  assert.equal(server.stderr.match(new RegExp(reason, 'g'))?.length, 1, `${reason}\n${server.report()}`)
  assert.doesNotMatch(server.stderr, /^\s+at /m)
  assert.ok(!existsSync(project.path('first.sock')) && !existsSync(project.path('server.pid')))
  return server.stderr
}

test('several addresses of all kinds are served at once, and each is reported with the chosen port', async (t) => {
  const project = createProject(t, hello)
  const addresses = ['127.0.0.1:0', 'localhost:0', ':0', 'unix:web.sock', ...(hasIPv6 ? ['[::1]:0'] : [])]
  const server = await startServer(project, { arguments: bind(...addresses) })
  assert.equal(server.listeners.length, addresses.length)
  for (const url of server.listeners) {
    assert.equal((await ask(url)).body, 'hello', url)
    assert.ok(server.stderr.includes(url), `the log names ${url}`)
    assert.doesNotMatch(url, /:0$/)
  }
  assert.equal(
    server.listeners[3],
    `unix:${project.path('web.sock')}`,
    'an absolute path, whatever was written',
  )
  await server.stop()
  assert.ok(!existsSync(project.path('web.sock')))
})

test(
  'one port can be bound for IPv4 and for IPv6',
  { skip: !hasIPv6 && 'this machine has no IPv6' },
  async (t) => {
    const project = createProject(t, hello)
    const port = await portOfNobody()
    const server = await startServer(project, { arguments: bind(`[::]:${port}`, `0.0.0.0:${port}`) })
    assert.equal((await ask(`http://127.0.0.1:${port}`)).body, 'hello')
    assert.equal((await ask(`http://[::1]:${port}`)).body, 'hello')
    await server.stop()
  },
)

test('a listening socket is inherited as fd://n and is left to its owner', async (t) => {
  const native = loadNative()
  assert.ok(!(native instanceof Error))
  const handle = bindTcp({ host: '127.0.0.1', port: 0, family: 4, onlyItsFamily: false })
  t.after(() => handle.close())
  native.listen(handle.fd, 16)
  const url = `http://127.0.0.1:${handle.name.port}`
  const project = createProject(t, hello)
  for (const round of [1, 2]) {
    const server = await startServer(project, { arguments: bind('fd://4'), inherit: [handle.fd] })
    assert.equal(server.url, url, `round ${round}`)
    assert.equal((await ask(url)).body, 'hello')
    await server.stop()
  }
})

test('a descriptor that is not a listening socket is refused with what it is', async (t) => {
  const file = openSync('/dev/null', 'r')
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const connection = createConnection((other.address() as AddressInfo).port, '127.0.0.1')
  await once(connection, 'connect')
  t.after(() => {
    connection.destroy()
    other.close()
  })
  const { fd: connected } = Reflect.get(connection, '_handle') as { fd: number }
  const cases = [
    {
      address: 'fd://4',
      inherit: [file],
      reason: /cannot listen on fd:\/\/4: the descriptor is not a socket/,
    },
    {
      address: 'fd://4',
      inherit: [connected],
      reason: /cannot listen on fd:\/\/4: it is not a socket that can listen/,
    },
    {
      address: 'fd://77',
      inherit: [],
      reason: /cannot listen on fd:\/\/77: no descriptor with this number is open/,
    },
  ]
  await Promise.all(
    cases.map(({ address, inherit, reason }) =>
      refused(createProject(t, hello), reason, { arguments: bind('unix:first.sock', address), inherit }),
    ),
  )
})

test('a unix socket has the mode of umask, and its file is removed at the exit', async (t) => {
  const project = createProject(t, hello)
  const loose = await startServer(project, { arguments: ['-m', '000', ...bind('unix:web.sock')] })
  assert.equal(statSync(project.path('web.sock')).mode & 0o777, 0o777)
  assert.equal((await ask(loose.url)).body, 'hello')
  await loose.stop()
  const usual = await startServer(project, { arguments: bind('unix:web.sock') })
  assert.equal(statSync(project.path('web.sock')).mode & 0o777, 0o770)
  await usual.stop()
  assert.ok(!existsSync(project.path('web.sock')))
})

test('a stale unix socket is replaced', async (t) => {
  const project = createProject(t, hello)
  const killed = await startServer(project, { arguments: bind('unix:web.sock') })
  killed.signal('SIGKILL')
  await killed.exit()
  assert.ok(lstatSync(project.path('web.sock')).isSocket())
  await killed.until(
    'the workers to see that their master has exited',
    () => groupMembers(killed.pid).length === 0,
  )
  rmSync(project.path('tmp'), { recursive: true }) // left behind, because the master was killed
  mkdirSync(project.path('tmp'))
  const server = await startServer(project, { arguments: bind('unix:web.sock') })
  assert.equal((await ask(server.url)).body, 'hello')
  await server.stop()
})

test('a unix socket that another server serves is not replaced', async (t) => {
  const project = createProject(t, hello)
  const first = await startServer(project, { arguments: bind('unix:web.sock') })
  const second = launch(project, { arguments: bind('unix:web.sock') })
  assert.deepEqual(await second.exit(), { code: 1, signal: null })
  assert.match(second.stderr, /cannot listen on unix:web\.sock: it is in use by another process/)
  assert.equal((await ask(first.url)).body, 'hello')
  await first.stop()
})

test('a file at the path of a unix socket ends the start and is not touched', async (t) => {
  const project = createProject(t, { ...hello, 'web.sock': 'precious\n' })
  const reason = /cannot listen on unix:web\.sock: the file at this path is not a socket/
  await refused(project, reason, { arguments: bind('unix:first.sock', 'unix:web.sock') })
  assert.equal(project.read('web.sock'), 'precious\n')
})

test('a unix socket that another process has created there in the meantime stays', async (t) => {
  const project = createProject(t, hello)
  const server = await startServer(project, { arguments: bind('unix:web.sock') })
  unlinkSync(project.path('web.sock'))
  const other = createServer((socket) => socket.end('other')).listen(project.path('web.sock'))
  t.after(() => other.close())
  await once(other, 'listening')
  await server.stop()
  const [answer] = (await once(createConnection(project.path('web.sock')), 'data')) as [Buffer]
  assert.equal(answer.toString(), 'other')
})

test('the unix socket is removed when the start fails after it was bound', async (t) => {
  const project = createProject(t, { 'app.mjs': 'throw new Error("no")\n' })
  const server = launch(project, { arguments: bind('unix:web.sock') })
  assert.deepEqual(await server.exit(), { code: 3, signal: null })
  assert.match(server.stderr, /listening at unix:/)
  assert.ok(!existsSync(project.path('web.sock')))
})

test('an address that cannot be bound ends the start with exit code 1 and the reason, and nothing is left', async (t) => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      'unix:no/such/dir/web.sock',
      /cannot listen on unix:no\/such\/dir\/web\.sock: the directory of the socket does not exist/,
    ],
    [
      'unix:app.mjs/web.sock',
      /cannot listen on unix:app\.mjs\/web\.sock: the directory of the socket does not exist/,
    ],
    [
      'no-such-host.invalid:0',
      /cannot listen on no-such-host\.invalid:0: the host name (is not known|could not be looked up)/,
    ],
    ['192.0.2.1:0', /cannot listen on 192\.0\.2\.1:0: this machine has no such address/],
    [`unix:${'x'.repeat(108)}`, /--bind: expected .* \(.*the path of a unix socket is at most 107 bytes\)/],
    ['127.0.0.1:99999', /--bind: expected .* \(.*a port is a number from 0 to 65535\)/],
  ]
  await Promise.all(
    cases.map(([address, reason]) =>
      refused(createProject(t, hello), reason, {
        arguments: ['-p', 'server.pid', ...bind('unix:first.sock', address)],
      }),
    ),
  )
})

const privileged = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8')) > 1
const noPrivilegedPort = privileged ? noOtherUser : 'every port is free for all on this machine'

test(
  'an ordinary user who binds a low port gets an error about missing rights',
  { skip: noPrivilegedPort },
  async (t) => {
    const project = openToAll(createProject(t, hello))
    await refused(
      project,
      /cannot listen on 127\.0\.0\.1:1: permission denied; a port below 1024 needs root/,
      {
        arguments: bind('127.0.0.1:1'),
        user: nobody,
      },
    )
  },
)

test('a connection opened while every worker is stopped, or none has booted, waits and is served', async (t) => {
  const project = createProject(t, {
    'app.mjs': `import { existsSync } from 'node:fs'
while (existsSync('hold')) await new Promise((resolve) => setTimeout(resolve, 20))
export default (req, res) => res.end(String(process.pid))\n`,
  })
  const server = await startServer(project, { arguments: ['-w', '2', ...bind('127.0.0.1:0')] })
  const before = server.workerPids
  for (const pid of before) killProcess(pid, 'SIGSTOP')
  writeFileSync(project.path('hold'), '')
  const whileStopped = ask(server.url)
  for (const pid of before) killProcess(pid, 'SIGKILL')
  await server.says(/died: it was ended by SIGKILL/, 2)
  const whileBooting = ask(server.url)
  rmSync(project.path('hold'))
  for (const answer of [await whileStopped, await whileBooting]) {
    assert.equal(answer.status, 200)
    assert.ok(!before.includes(Number(answer.body)), 'one of the new workers')
  }
  await server.stop()
})
