// `tsgun doctor`, and what `--check-config` says about directories, users and addresses, on this machine.

import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(project: Project, words: readonly string[]): Promise<Output> {
  const command = launch(project, { arguments: words })
  const { code } = await command.exit()
  return { code, stdout: command.stdout, stderr: command.stderr }
}

const app = 'export default (req, res) => res.end()\n'

function shop(t: TestContext, settings: object): Project {
  const config = `export default ${JSON.stringify({ app: './app.js', ...settings })}\n`
  return createProject(t, { 'app.js': app, 'server.config.js': config })
}

test('doctor finds nothing wrong where nothing is, and exits with 0', async (t) => {
  const project = shop(t, { bind: '127.0.0.1:0', worker_connections: 10, backlog: 16 })
  const { code, stdout, stderr } = await run(project, ['doctor'])
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' }, stdout)
  assert.match(stdout, /^tsgun doctor: .*server\.config\.js\nok {7}Node\.js: v\d/)
  for (const subject of ['open files', 'backlog', 'workers', 'memory', 'bind', 'TMPDIR'])
    assert.match(stdout, new RegExp(`\\nok {7}${subject}: `))
  assert.match(stdout, /\n(?:all is well|0 problems, .*)\n$/)
})

test('doctor says what is wrong and what to do, and exits with 1; --json has the same', async (t) => {
  const project = shop(t, {
    bind: '127.0.0.1:0',
    backlog: 65_535,
    workers: 1000,
    accesslog: 'logs/access.log',
  })
  project.write('nginx.conf', 'upstream a { server 127.0.0.1:0; keepalive 8; }')
  const { code, stdout } = await run(project, ['doctor', '--worker-connections', '100000000'])
  assert.equal(code, 1)
  assert.match(stdout, /\nWRONG {4}open files: .*100000000\b.*\n {9}to do: ulimit -n /)
  assert.match(stdout, /\nWRONG {4}backlog: 65535, .*somaxconn.*\n {9}to do: sysctl /)
  assert.match(stdout, /\nWRONG {4}workers: .* 1000 workers/)
  assert.match(stdout, /\nWRONG {4}accesslog: .*there is no directory .*logs\n {9}to do: mkdir -p /)
  assert.match(stdout, /\nWRONG {4}keepalive: 2 s, but nginx /)
  const json = await run(project, ['doctor', '--json'])
  const report = JSON.parse(json.stdout) as { ok: boolean; findings: { level: string; subject: string }[] }
  assert.deepEqual([json.code, report.ok], [1, false])
  assert.ok(report.findings.some(({ level, subject }) => level === 'wrong' && subject === 'accesslog'))
})

test('doctor tells mistakes in the config, and still looks at the rest', async (t) => {
  const { code, stdout, stderr } = await run(shop(t, { worker: 2, timeout: 'x' }), ['doctor'])
  assert.deepEqual({ code, stderr }, { code: 1, stderr: '' })
  assert.match(stdout, /WRONG {4}server\.config\.js: worker: /)
  assert.match(stdout, /WRONG {4}server\.config\.js: timeout: /)
  assert.match(stdout, /ok {7}TMPDIR: /)
})

test('doctor without a TMPDIR says so', async (t) => {
  const project = shop(t, {})
  const command = launch(project, { arguments: ['doctor'], environment: { TMPDIR: '/nonexistent' } })
  assert.equal((await command.exit()).code, 1)
  assert.match(command.stdout, /WRONG {4}TMPDIR: \/nonexistent cannot be written to: ENOENT\n {9}to do: /)
})

test('doctor sees a secret that all can read, and code that all can write', async (t) => {
  const project = shop(t, { bind: '127.0.0.1:0' })
  project.write('.env', 'TOKEN=x\n')
  project.write('certs/server.pem', '-----BEGIN CERTIFICATE-----\n')
  project.write('certs/server.key', '-----BEGIN PRIVATE KEY-----\n')
  for (const file of ['.env', 'certs/server.pem', 'certs/server.key']) chmodSync(project.path(file), 0o644)
  chmodSync(project.path('app.js'), 0o666)
  const { code, stdout } = await run(project, ['doctor'])
  assert.equal(code, 1)
  assert.match(stdout, /warning {2}secrets: .*\/\.env \(mode 644\)/)
  assert.match(stdout, /warning {2}secrets: .*\/server\.key \(mode 644\)/)
  assert.doesNotMatch(stdout, /server\.pem/)
  assert.match(stdout, /WRONG {4}code: .*\/app\.js \(mode 666\)/)
})

test('--check-config and doctor know the running server of the config from another program', async (t) => {
  const project = shop(t, { bind: '127.0.0.1:0', pidfile: 'a.pid', proc_name: 'shop' })
  const server = await startServer(project)
  const { port } = new URL(server.url)
  const bind = ['-b', `127.0.0.1:${port}`]
  const mine = new RegExp(`served by this server \\(master pid ${server.pid}, pidfile .*a\\.pid\\)`)
  const check = await run(project, ['--check-config', ...bind])
  assert.deepEqual([check.code, check.stderr], [0, ''], check.stdout)
  assert.match(check.stdout, mine)
  assert.match((await run(project, ['doctor', ...bind])).stdout, mine)
  const named = await run(project, ['--check-config', ...bind, '--pid', 'other.pid'])
  assert.deepEqual([named.code, named.stderr], [0, ''], named.stdout)
  assert.match(named.stdout, new RegExp(`the tsgun of this name \\(master pid ${server.pid}, no pidfile\\)`))
  const other = await run(project, ['--check-config', ...bind, '--pid', 'other.pid', '-n', 'books'])
  assert.equal(other.code, 1)
  assert.match(
    other.stderr,
    new RegExp(
      `^bind: 127\\.0\\.0\\.1:${port} is in use by process ${server.pid} \\(tsgun: master \\[shop\\]\\); stop `,
    ),
  )
  await server.stop()
})

test('--check-config names the process that has the address, TCP or unix', async (t) => {
  const project = shop(t, {})
  const holder = createServer().listen(0, '127.0.0.1')
  const unix = createServer().listen(project.path('a.sock'))
  t.after(() => [holder, unix].forEach((each) => each.close()))
  await Promise.all(
    [holder, unix].map((each) => new Promise((resolve) => void each.once('listening', resolve))),
  )
  const place = holder.address()
  assert.ok(typeof place === 'object' && place !== null)
  const { code, stderr } = await run(project, [
    '--check-config',
    '-b',
    `127.0.0.1:${place.port}`,
    '-b',
    'unix:a.sock',
  ])
  assert.equal(code, 1)
  assert.equal(stderr.match(new RegExp(`is in use by process ${process.pid} \\(`, 'g'))?.length, 2, stderr)
})

test('--check-config finds directories that do not exist and files that are none', async (t) => {
  const project = shop(t, { bind: ['127.0.0.1:0', 'unix:nix/a.sock'], errorlog: 'dir', pidfile: 'nix/a.pid' })
  mkdirSync(project.path('dir'))
  writeFileSync(project.path('plain.sock'), '')
  const { code, stdout, stderr } = await run(project, ['--check-config', '--control-socket', 'plain.sock'])
  assert.deepEqual([code, stdout], [1, ''])
  assert.match(stderr, /^errorlog: .*\/dir is a directory; /m)
  assert.match(stderr, /^bind: .*a\.sock: there is no directory .*\/nix; mkdir -p /m)
  assert.match(stderr, /^pidfile: .*a\.pid: there is no directory .*\/nix; /m)
  assert.match(stderr, /^control_socket: .*plain\.sock exists and is no socket; /m)
})

test(
  '--check-config finds what the user of the workers cannot read',
  { skip: process.getuid?.() !== 0 },
  async (t) => {
    const project = shop(t, { bind: '127.0.0.1:0', user: 65_534, group: 65_534 })
    chmodSync(project.directory, 0o700)
    const { code, stderr } = await run(project, ['--check-config'])
    assert.equal(code, 1)
    assert.match(
      stderr,
      new RegExp(
        `^app: .*app\\.js: the user of the workers, 65534, may not enter ${project.directory} \\(mode 700\\); chmod`,
        'm',
      ),
    )
  },
)

test('doctor --help says what it checks', async (t) => {
  const { code, stdout } = await run(createProject(t), ['doctor', '--help'])
  assert.equal(code, 0)
  assert.match(stdout, /^Usage: tsgun doctor \[--json\]/)
})
