// Services as a user has them: another app, a module that runs once and another program, each watched,
// ordered and shown as the app is.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { groupMembers, isAlive, killProcess } from '../helpers/processes.ts'
import { onlyModule, ranAlone } from '../helpers/service-app.ts'
import { createProject, launch, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'
import { statusFields } from '../../src/control/fields.ts'
import type { Status, WorkersResponse } from '../../src/control/protocol.ts'
import { tsgunctl } from '../helpers/control.ts'
import { eventually } from '../helpers/wait.ts'

const app = (text: string): string =>
  `export default (req, res) => res.end('${text} ' + process.env.TSGUN_SERVICE + ' ' + process.env.FOO + ' ' + process.pid)\n`

const config = (services: string, more = ''): string =>
  `export default { app: './web.js', bind: '127.0.0.1:0', workers: 1, control_socket: 'ctl.sock',
    services: { ${services} }, ${more} }\n`

/** Prints what it does, has a child of its own, and ends by itself at SIGINT. */
const feed = `
import os, signal, socket, subprocess, sys, time
child = subprocess.Popen(['sleep', '600'])
open('child.txt', 'w').write(str(child.pid))
def end(*_):
    print('feed ends', flush=True)
    sys.exit(3)
signal.signal(signal.SIGINT, end)
print('feed of', os.environ['FOO'], flush=True)
sys.stderr.write('a warning\\n')
while True: time.sleep(1)
`

function projectOf(t: Parameters<typeof createProject>[0], files: Record<string, string>): Project {
  return createProject(t, { 'web.js': app('web'), 'only.js': onlyModule, 'feed.py': feed, ...files })
}

const recordsOf = (server: RunningServer): readonly Record<string, unknown>[] =>
  `${server.stdout}\n${server.stderr}`
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

test('an app, a module and a program run beside the app, in order, with their names', async (t) => {
  const project = projectOf(t, {
    'live.js': app('live'),
    'server.config.js': config(
      `live: { app: './live.js', bind: 'unix:live.sock', workers: 2, after: ['only', 'feed'], env: { FOO: 'own' } },
       only: { run: './only.js' },
       feed: { command: 'python3 feed.py', ready: { line: 'feed of' }, stop_signal: 'SIGINT' },`,
      `env: { FOO: 'top' }, log_format: 'json',
       post_worker_init: (worker) => console.log('hook of ' + worker.service),`,
    ),
  })
  const server = await startServer(project)
  const live = `unix:${project.path('live.sock')}`
  assert.ok(server.listeners.includes(live), server.listeners.join(' '))
  assert.match((await ask(server.url, '/')).body, /^web undefined top \d+$/)
  assert.match((await ask(live, '/')).body, /^live live own \d+$/)
  await server.says(/feed of top/)
  await server.says(/hook of (web|live|only)/, 4)
  const messages = recordsOf(server)
  const printed = messages.find(({ msg }) => msg === 'feed of top')
  assert.deepEqual([printed?.['service'], printed?.['nr'], printed?.['stream']], ['feed', 0, 'stdout'])
  const ready = messages.filter(({ event }) => event === 'worker_ready').map(({ service }) => service)
  assert.deepEqual(ready.slice(-2), ['live', 'live'], 'what it needs comes first')

  const fields = JSON.parse(await tsgunctl(project, '--json', 'status')) as Status
  const documented = Object.keys(statusFields).filter((name) => name.startsWith('services[].'))
  assert.deepEqual(
    Object.entries(fields.services[0] ?? {}).flatMap(([name, value]) =>
      name === 'processes'
        ? Object.keys(value as object).map((each) => `services[].processes.${each}`)
        : [`services[].${name}`],
    ),
    documented,
  )
  const status = await tsgunctl(project, 'status')
  assert.match(status, /service live\s+generation 1, 2 of 2 ready/)
  assert.match(status, /service feed\s+generation 1, 1 of 1 ready/)
  assert.match(await tsgunctl(project, 'workers'), /live 1[^]*only 0[^]*feed 0/)

  await tsgunctl(project, 'scale', 'live', '3')
  await server.says(/"event":"worker_ready".*|live 2 \(pid/)
  await eventually('three processes', async () =>
    /3 of 3 ready/.test(await tsgunctl(project, 'status')) ? true : undefined,
  )
  const [before] = ranAlone(project)
  await tsgunctl(project, 'restart', 'only')
  await server.until('the next process', () => ranAlone(project).length === 2)
  assert.ok(!isAlive(before ?? 0))

  const child = Number(project.read('child.txt'))
  await server.stop()
  assert.ok(!isAlive(child), 'the group of the program has ended')
  const ended = recordsOf(server).filter(({ event }) => event === 'worker_ended')
  const last = ended.filter(({ reason }) => reason === 'stop').map(({ service }) => service)
  assert.ok(last.lastIndexOf('live') < last.indexOf('only'), last.join(' '))
  assert.ok(recordsOf(server).some(({ msg }) => msg === 'feed ends'))
  assert.ok(
    !ended.some(({ service, level }) => service === 'feed' && level !== 'info'),
    'its end was orderly',
  )
})

test('exactly one process runs, through kills, reloads, an upgrade and the death of the master', async (t) => {
  const project = projectOf(t, {
    'server.config.js': config(`only: { run: './only.js' }`, `pidfile: 'server.pid'`),
  })
  const server = await startServer(project)
  const begun = async (count: number): Promise<number> => {
    await server.until(`process ${count}`, () => ranAlone(project).length >= count)
    return ranAlone(project).at(-1) ?? 0
  }
  let count = 1
  for (const step of ['kill', 'kill', 'HUP', 'HUP']) {
    const pid = await begun(count)
    if (step === 'kill') killProcess(pid)
    else server.signal('SIGHUP')
    await begun((count += 1))
    if (step === 'HUP') await server.says(/reload done/, step === 'HUP' ? count - 3 : 0)
  }
  server.signal('SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  const second = Number(/the new master (\d+) serves/.exec(server.stderr)?.[1])
  const old = ranAlone(project).at(-1) ?? 0
  assert.ok(isAlive(old), 'the old master keeps it until it ends')
  server.signal('SIGTERM')
  await begun((count += 1))
  await server.says(/upgrade done/)

  killProcess(second)
  const orphan = ranAlone(project).at(-1) ?? 0
  await eventually('the end of what the dead master ran', () => (isAlive(orphan) ? undefined : true))
  await eventually('the end of its workers', () => (groupMembers(server.pid).length > 0 ? undefined : true))
  rmSync(project.path('tmp'), { recursive: true }) // what a killed master leaves
  mkdirSync(project.path('tmp'))
  const again = await startServer(project)
  await again.until('the process of the next master', () => ranAlone(project).length > count)
  await again.stop()
  assert.match(project.read('ran.txt'), /ends \d+\n$/, 'a stop aborts its signal')
})

test('a broken module ends a reload before anything stops; one that fails at once is undone', async (t) => {
  const project = projectOf(t, {
    'only.ts': `// @ts-nocheck\n${onlyModule}`,
    'server.config.js': config(`only: { run: './only.ts' }`),
  })
  const server = await startServer(project)
  await server.until('its process', () => ranAlone(project).length === 1)
  project.write('only.ts', 'throw new Error("a broken release")')
  server.signal('SIGHUP')
  await server.says(/reload failed, the old generation keeps serving: .*a broken release/)
  assert.equal(ranAlone(project).length, 1, 'the process has not noticed')

  project.write('only.ts', 'export const start = () => Promise.reject(new Error("fails at once"))')
  server.signal('SIGHUP')
  await server.says(
    /reload failed.*process of the service only died within 1 s after its start\(\) was called/,
  )
  await server.says(/fails at once/)
  await server.until('the old code', () => ranAlone(project).length === 2)

  project.write('only.ts', 'export const begin = 1')
  server.signal('SIGHUP')
  await server.says(/only\.ts has no start\(\): it exports .*begin/)
  await server.stop()
})

test('a module that returns at once is restarted with the reason and a growing delay', async (t) => {
  const project = projectOf(t, {
    'only.js': 'export default () => undefined',
    'server.config.js': config(`only: { run: './only.js' }`),
  })
  const server = await startServer(project)
  await server.says(/start\(\) of the service only has returned before its signal was aborted/)
  await server.says(/only 0 .* its slot is in a crash loop/)
  assert.equal((await ask(server.url, '/')).status, 200)
  await server.stop()
})

test('a program that ends is started again; what it started ends with it, also when the master is killed', async (t) => {
  const project = projectOf(t, {
    'server.config.js': config(
      `feed: { command: ['python3', 'feed.py'], env: { FOO: 'x' }, ready: { file: 'child.txt' } }`,
    ),
  })
  const server = await startServer(project)
  const pidOf = (times: number): number =>
    Number([...server.stderr.matchAll(/feed 0 \(pid (\d+)\) is ready/g)][times - 1]?.[1])
  const [child, first] = [Number(project.read('child.txt')), pidOf(1)]
  killProcess(first)
  await server.says(/feed 0 \(pid \d+\) died: it was ended by SIGKILL/)
  await server.says(/feed 0 \(pid \d+\) is ready/, 2)
  assert.ok(!isAlive(child))
  const [next, second] = [Number(project.read('child.txt')), pidOf(2)]
  assert.ok(isAlive(next) && isAlive(second))
  server.signal('SIGKILL')
  await eventually('the end of the program', () => (isAlive(next) || isAlive(second) ? undefined : true))
  await server.exit()
})

test('a program is ready by a port, a file or sd_notify, and what needs it waits', async (t) => {
  const python = (code: string): string => `command: ['python3', '-c', ${JSON.stringify(code)}]`
  const notify =
    'import os, socket, time; time.sleep(0.3); s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); ' +
    's.sendto(b"STATUS=up\\nREADY=1", os.environ["NOTIFY_SOCKET"]); time.sleep(600)'
  const listens =
    'import socket, time; time.sleep(0.3); s = socket.socket(); s.bind(("127.0.0.1", 0)); ' +
    'open("port.txt", "w").write(str(s.getsockname()[1])); s.listen(5); time.sleep(600)'
  const project = projectOf(t, {
    'server.config.js': config(
      `told: { ${python(notify)}, ready: { notify: true } },
       filed: { ${python(listens)}, ready: { file: 'port.txt' }, after: ['told'] },`,
    ),
  })
  const server = await startServer(project)
  await server.says(/told 0 .* is ready[^]*filed 0 .* starts[^]*filed 0 .* is ready/)
  const place = createServer().listen(0, '127.0.0.1')
  await once(place, 'listening')
  const { port } = place.address() as AddressInfo
  await new Promise((closed) => place.close(closed))
  const late = `command: ['sleep', '600'], ready: { port: ${port} }, after: ['web']`
  project.write('server.config.js', config(`late: { ${late} }, filed: { ${python(listens)} }`))
  server.signal('SIGHUP')
  await server.says(/late 0 .* starts/)
  assert.doesNotMatch(server.stderr, /late 0 .* is ready/)
  place.listen(port, '127.0.0.1')
  await server.says(/late 0 .* is ready/)
  place.close()
  await server.says(/told 0 .* ended: reload/)
  await server.says(/reload done/)
  await server.stop()
})

test('a program that fails does not keep the app from serving, unless it is needed or critical', async (t) => {
  const broken = `command: ['python3', '-c', 'raise SystemExit("no feed today")']`
  const project = projectOf(t, { 'server.config.js': config(`feed: { ${broken}, ready: { line: 'x' } }`) })
  const server = await startServer(project)
  await server.says(/feed 0 .* its slot is in a crash loop/)
  assert.equal((await ask(server.url, '/')).status, 200)
  await server.stop()

  project.write(
    'server.config.js',
    config(
      `feed: { ${broken}, ready: { line: 'x' } }, live: { app: './web.js', bind: 'unix:live.sock', after: ['feed'] }`,
    ),
  )
  const needed = launch(project)
  assert.equal((await needed.exit()).code, 3)
  assert.match(
    needed.stderr,
    /the start failed: a process of the service feed did not become ready: .*no feed today/,
  )

  project.write('server.config.js', config(`feed: { command: ['true'], critical: true }`))
  const critical = launch(project)
  assert.equal((await critical.exit()).code, 5)
  assert.match(
    critical.stderr,
    /the critical service feed cannot be kept alive \(5 failures in a row\): .*exit code 5/,
  )
})

test('--check-config loads the modules of services and schedules, and says which one is wrong', async (t) => {
  const services =
    "only: { run: './only.js' }, live: { app: './live.js', bind: 'unix:live.sock' }, " +
    "feed: { command: 'none' }"
  const project = projectOf(t, {
    'live.js': app('live'),
    'clean.js': 'export const run = () => undefined',
    'server.config.js': config(services, "schedules: { clean: { cron: '@daily', run: './clean.js' } }"),
  })
  const right = launch(project, { arguments: ['--check-config'] })
  assert.equal((await right.exit()).code, 0, right.report())
  assert.match(right.stdout, /the app, the services and the schedules load/)
  project.write('live.js', 'throw new Error("no live")')
  project.write('clean.js', 'export const clean = () => undefined')
  const wrong = launch(project, { arguments: ['--check-config'] })
  assert.equal((await wrong.exit()).code, 1)
  assert.match(wrong.stderr, /service live: cannot load .*live\.js: no live/)
  assert.match(wrong.stderr, /schedule clean: .*clean\.js has no run\(\): it exports clean/)
})

test('with reload "changed" a service stays in a reload that changes nothing for it', async (t) => {
  const services = (argument: string): string => `
    live: { app: './live.ts', bind: '127.0.0.1:0', workers: 1, reload: 'changed' },
    only: { run: './only.js', reload: 'changed' },
    feed: { command: ['sleep', '${argument}'], reload: 'changed' },
    always: { command: ['sleep', '600'] },`
  const project = projectOf(t, {
    'live.ts': `import { text } from './text'\nexport default (req: unknown, res: any) => res.end(text + process.pid)\n`,
    'text.ts': `export const text: string = 'one '\n`,
    'server.config.js': config(services('600')),
  })
  const server = await startServer(project)
  const pids = async (): Promise<Record<string, number>> => {
    const { workers } = JSON.parse(await tsgunctl(project, '--json', 'workers')) as WorkersResponse
    return Object.fromEntries(workers.map(({ service, pid }) => [service ?? '', pid ?? 0]))
  }
  const reload = async (): Promise<Record<string, number>> => {
    await tsgunctl(project, 'reload', '--wait')
    return pids()
  }
  const [web = '', live = ''] = server.listeners
  const first = await pids()
  assert.equal((await ask(live)).body, `one ${first['live']}`)
  assert.match((await ask(web)).body, new RegExp(` ${first['web']}$`), 'each has a port of its own')
  const second = await reload()
  const kept = ['live', 'only', 'feed']
  for (const name of kept) assert.equal(second[name], first[name], name)
  for (const name of ['web', 'always']) assert.notEqual(second[name], first[name], name)
  await server.says(/nothing has changed for the service (live|only|feed): its processes stay/, 3)

  project.write('text.ts', `export const text: string = 'two '\n`)
  project.write('server.config.js', config(services('601')))
  const third = await reload()
  assert.equal(third['only'], first['only'])
  assert.notEqual(third['live'], first['live'])
  assert.notEqual(third['feed'], first['feed'])
  assert.equal((await ask(live)).body, `two ${third['live']}`)
  assert.match((await ask(web)).body, new RegExp(` ${third['web']}$`))

  killProcess(third['only'] ?? 0)
  await server.until('the next process', () => ranAlone(project).length === 2)
  await server.stop()
})
