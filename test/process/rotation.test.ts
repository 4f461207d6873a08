// Rotation by a real server: no line is lost, torn, doubled or moved, whatever happens in the meantime.

import assert from 'node:assert/strict'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { noOtherUser, nobody, openToAll } from '../helpers/identity.ts'
import { Load } from '../helpers/load.ts'
import { linesOf, logrotate, soak } from '../helpers/soak.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

const app = `export default (req, res) => {
  const [, name, value] = req.url.split('/')
  if (name === 'long') console.log(value + ' ' + 'x'.repeat(1_048_576 - 10))
  if (name === 'print') console.log('printed ' + value)
  res.end('ok')
}
`

function projectWith(t: TestContext, settings: string): Project {
  return createProject(t, {
    'app.js': app,
    'server.config.ts': configText(settings),
    'logs/.keep': '',
  })
}

function configText(settings: string): string {
  return (
    `export default { app: './app.js', bind: '127.0.0.1:0', access_log_format: '%(s)s %(U)s', ` +
    `${settings} }\n`
  )
}

/** 0 for a file that the server has renamed or removed since its name was read. */
function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function rotated(project: Project, log: string): string[] {
  return readdirSync(project.path('logs')).filter((name) => name.startsWith(`${log}.`))
}

test('under load, with rotations by size and gzip, and workers that are killed, no line is lost', async (t) => {
  await soak(t, { by: 'server', rotations: 60, kills: 3 })
})

test(
  'the same holds with logrotate and USR1',
  { skip: existsSync(logrotate) ? false : `${logrotate} is not installed (apt-get install logrotate)` },
  async (t) => {
    await soak(t, { by: 'logrotate', rotations: 12, kills: 3 })
  },
)

test('lines of a megabyte stay whole and in their order over rotations', async (t) => {
  const project = projectWith(t, `applog: 'logs/app.log', log_rotation: { size: '3M' }`)
  const server = await startServer(project)
  const written = (): number =>
    readdirSync(project.path('logs')).reduce((sum, name) => sum + sizeOf(project.path(`logs/${name}`)), 0)
  for (let number = 0; number < 20; number += 1) {
    await ask(server.url, `/long/${number}`)
    // memory may hold log_buffer and no more
    await server.until('the disk to follow', () => written() > (number - 5) * 1_048_576)
  }
  await server.stop()
  const lines = linesOf(project, 'app.log')
  assert.deepEqual(
    lines.map((line) => /\] (\d+) x{1048566}$/.exec(line)?.[1]),
    Array.from({ length: 20 }, (_, number) => String(number)),
  )
  assert.equal(rotated(project, 'app.log').length, 6)
})

test('a log without new lines is rotated too when its time has come, and an empty one is not', async (t) => {
  const project = projectWith(
    t,
    `accesslog: 'logs/access.log', applog: 'logs/app.log', log_rotation: { interval: '1s', utc: true }`,
  )
  const server = await startServer(project)
  await ask(server.url, '/one')
  const isWhole = (name: string): boolean => /\.\d{4}$/.test(name) && sizeOf(project.path(`logs/${name}`)) > 0
  await server.until('the rotation', () => rotated(project, 'access.log').some(isWhole))
  assert.equal(rotated(project, 'access.log').length, 1)
  assert.match(rotated(project, 'access.log').join(), /^access\.log\.\d{4}-\d\d-\d\dT\d{6}\.0001$/)
  await ask(server.url, '/two')
  await server.until('the next rotation', () => rotated(project, 'access.log').length === 2)
  await server.stop()
  assert.deepEqual(linesOf(project, 'access.log'), ['200 /one', '200 /two'])
  assert.deepEqual(rotated(project, 'app.log'), [])
})

test('keep and total_size leave the newest files, and a file that is not a log beside them', async (t) => {
  const project = projectWith(t, `accesslog: { path: 'logs/access.log', rotation: { size: 100, keep: 3 } }`)
  project.write('logs/access.log.1', 'of logrotate\n')
  project.write('logs/access.log.backup', 'of somebody\n')
  const server = await startServer(project)
  for (let number = 0; number < 100; number += 1) await ask(server.url, `/${String(number).padStart(9, '0')}`)
  await server.until('only three to be kept', () => rotated(project, 'access.log').length === 5)
  await server.stop()
  const lines = linesOf(project, 'access.log').filter((line) => line.startsWith('200'))
  assert.equal(lines.at(-1), '200 /000000099')
  assert.equal(project.read('logs/access.log.1'), 'of logrotate\n')
  assert.equal(project.read('logs/access.log.backup'), 'of somebody\n')
})

test('a master that is killed while it rotates and compresses leaves no partial file, and the next one continues', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/access.log', log_rotation: { size: 500, compress: true }`)
  project.write('killed/.keep', '')
  let asked = 0
  for (let life = 0; life < 5; life += 1) {
    // where it leaves its files
    const server = await startServer(project, { environment: { TMPDIR: project.path('killed') } })
    const before = rotated(project, 'access.log').length
    const load = new Load(server.url, { kept: 8, path: `/life${life}` })
    await server.until('some rotations', () => rotated(project, 'access.log').length > before + 10)
    killProcess(server.pid, 'SIGKILL')
    await server.exited
    await load.stop()
    asked += load.responseCount
  }
  const last = await startServer(project)
  const rest = (): string[] => rotated(project, 'access.log').filter((name) => !name.endsWith('.gz'))
  await last.until('the rest to be compressed', () =>
    rest().every((name) => sizeOf(project.path(`logs/${name}`)) === 0),
  )
  await last.stop()
  // a name that was claimed within the last minute
  for (const name of rest()) rmSync(project.path(`logs/${name}`))
  const lines = linesOf(project, 'access.log')
  for (const line of lines) assert.match(line, /^200 \/life\d$/)
  assert.ok(lines.length <= asked + 5 * 8, `${lines.length} lines of ${asked} answers: some are there twice`)
})

test('two servers that write one file rotate it once, and no line is lost', async (t) => {
  const project = projectWith(
    t,
    `accesslog: 'logs/access.log', log_rotation: { size: '10K', compress: true }`,
  )
  const [one, other] = await Promise.all([startServer(project), startServer(project)])
  const path = `/${'x'.repeat(300)}` // so that also a slow machine fills many files
  const loads = [one, other].map(({ url }) => new Load(url, { kept: 8, path }))
  t.after(async () => void (await Promise.all(loads.map((load) => load.stop()))))
  await one.until('some rotations', () => rotated(project, 'access.log').length > 20)
  await Promise.all(loads.map((load) => load.stop()))
  await Promise.all([one.stop(), other.stop()])
  const lines = linesOf(project, 'access.log')
  for (const line of lines) assert.equal(line, `200 ${path}`)
  assert.equal(
    lines.length,
    loads.reduce((sum, { responseCount }) => sum + responseCount, 0),
  )
})

test('HUP moves the logs: earlier lines are in the old files, later ones in the new ones', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/old.log', applog: 'logs/app.log'`)
  const server = await startServer(project)
  await ask(server.url, '/print/before')
  project.write(
    'server.config.ts',
    configText(
      `accesslog: { path: 'logs/new.log', rotation: { size: 10 } }, applog: null, log_format: 'json', ` +
        `errorlog: 'logs/error.log'`,
    ),
  )
  server.signal('SIGHUP')
  await server.until(
    'the reload',
    () => existsSync(project.path('logs/error.log')) && /reload done/.test(project.read('logs/error.log')),
  )
  await ask(server.url, '/print/after')
  await ask(server.url, '/print/later')
  await server.stop()
  assert.equal(project.read('logs/old.log'), '200 /print/before\n')
  assert.equal(linesOf(project, 'new.log').join(), '200 /print/after,200 /print/later')
  assert.ok(
    [1, 2].includes(rotated(project, 'new.log').length),
    'a file that is large enough may be rotated before the next line',
  )
  assert.match(project.read('logs/app.log'), /printed before\n$/)
  const records = linesOf(project, 'error.log').map((line) => JSON.parse(line) as { msg: string })
  assert.match(records.at(-1)?.msg ?? '', /^stopped$/)
  assert.doesNotMatch(server.stderr, /reload done|stopped/)
})

test('HUP to a log that cannot be opened is a failed reload, and nothing changes', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/a.log'`)
  const server = await startServer(project)
  const workers = server.workerPids
  project.write('server.config.ts', configText(`accesslog: 'nowhere/b.log', applog: 'logs/app.log'`))
  server.signal('SIGHUP')
  await server.says(
    /reload failed, the old generation keeps serving: accesslog: cannot open .*b\.log: directory .* does not exist/,
  )
  await ask(server.url, '/still')
  assert.deepEqual(server.workerPids, workers)
  await server.stop()
  assert.equal(project.read('logs/a.log'), '200 /still\n')
})

test('a reload whose app does not boot restores the logs', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/a.log'`)
  const server = await startServer(project)
  project.write('broken.js', 'throw new Error("broken")\n')
  project.write('server.config.ts', configText(`accesslog: 'logs/b.log'`).replace('./app.js', './broken.js'))
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving/)
  const isBack = (): boolean => project.read('logs/a.log').includes('200 /back')
  for (let number = 0; number < 1000 && !isBack(); number += 1) await ask(server.url, '/back')
  await server.until('the line in the old file', isBack)
  await server.stop()
})

test('a removed directory, and a removed file, are logged; lines wait for the directory and are then written', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/a.log'`)
  const server = await startServer(project)
  await ask(server.url, '/first')
  await server.until('its line', () => project.read('logs/a.log') === '200 /first\n')
  renameSync(project.path('logs'), project.path('gone'))
  rmSync(project.path('gone'), { recursive: true })
  await server.says(/cannot write the log .*a\.log: the file was removed/)
  for (let number = 0; number < 50; number += 1) await ask(server.url, `/${number}`)
  project.write('logs/.keep', '')
  await server.says(/the log .*a\.log can be written again/)
  await server.until('the lines', () => project.read('logs/a.log').split('\n').length === 51)
  rmSync(project.path('logs/a.log'))
  await server.until('a new file', () => existsSync(project.path('logs/a.log')))
  await ask(server.url, '/last')
  await server.stop()
  assert.equal(project.read('logs/a.log'), '200 /last\n')
})

test('two logs in one file with different rotations are refused', async (t) => {
  const project = projectWith(
    t,
    `accesslog: 'logs/a.log', applog: { path: './logs/a.log', rotation: { size: '1M' } }`,
  )
  const command = launch(project)
  assert.deepEqual(await command.exit(), { code: 1, signal: null })
  assert.match(
    command.stderr,
    /^server\.config\.ts: applog: expected the same rotation as `accesslog`, because both logs are the file \/.*\/logs\/a\.log\n$/,
  )
})

test(
  'log files, also rotated and compressed ones, belong to the master and the group of the workers, which can read but not write them',
  { skip: noOtherUser },
  async (t) => {
    const project = projectWith(
      t,
      `user: ${nobody.uid}, group: ${nobody.gid}, accesslog: 'logs/a.log', applog: 'logs/p.log', ` +
        'log_rotation: { size: 20, compress: true }',
    )
    const server = await startServer(openToAll(project))
    for (let number = 0; number < 5; number += 1) await ask(server.url, '/print/1')
    await server.until('compressed files', () =>
      rotated(project, 'a.log').some((name) => name.endsWith('.gz')),
    )
    await server.stop()
    for (const name of readdirSync(project.path('logs')).filter((each) => each !== '.keep')) {
      const { uid, gid, mode } = statSync(project.path(`logs/${name}`))
      assert.deepEqual([uid, gid, mode & 0o777], [process.getuid?.(), nobody.gid, 0o640], name)
    }
  },
)

test('new files have log_file_mode, whatever the umask is', async (t) => {
  const project = projectWith(t, `accesslog: 'logs/a.log', log_file_mode: 0o644`)
  const before = process.umask(0o077)
  const server = await startServer(project).finally(() => process.umask(before))
  await server.stop()
  assert.equal(statSync(project.path('logs/a.log')).mode & 0o777, 0o644)
})
