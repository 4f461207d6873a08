// Schedules as a user has them: each run in a process of its own, at most once for each time, whatever
// happens to the processes, and what was missed is told.

import assert from 'node:assert/strict'
import { mkdirSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { tsgunctl } from '../helpers/control.ts'
import { ask } from '../helpers/http.ts'
import { groupMembers, isAlive, killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

const app = 'export default (req, res) => res.end("web")\n'

/** Writes its time and its pid when it begins; one run in three stays until its signal. */
const clean = `
import { appendFileSync } from 'node:fs'
export async function run({ time, signal, log, name }) {
  appendFileSync('ran.txt', time.toISOString() + ' ' + process.pid + '\\n')
  log.info('cleaning')
  const seconds = time.getUTCSeconds()
  if (name === 'clean' && seconds % 3 === 0) await new Promise((end) => signal.addEventListener('abort', end))
}
`

/** The times of the runs, in their order; fails when one time has had two. */
function timesRun(project: Project): readonly string[] {
  const lines = project.read('ran.txt').trim().split('\n')
  const times = lines.map((line) => line.split(' ')[0] ?? '')
  assert.equal(new Set(times).size, times.length, lines.join('\n'))
  return times
}

const lastPid = (project: Project): number =>
  Number(project.read('ran.txt').trim().split('\n').at(-1)?.split(' ')[1])

test('each time has one run at most, through kills, a reload, an upgrade and the death of the master', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'clean.js': clean,
    'ran.txt': '',
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', control_socket: 'ctl.sock',
      schedules_file: 'times.json', schedules: {
        clean: { cron: '* * * * * *', run: './clean.js', overlap: 'kill', env: { FOO: 'x' } },
        yearly: { cron: '0 0 1 1 *', timezone: 'UTC', run: './clean.js', missed: 'once' } } }\n`,
  })
  const server = await startServer(project)
  const more = async (count: number): Promise<void> => {
    const before = timesRun(project).length
    await server.until(`${count} more runs`, () => timesRun(project).length >= before + count)
  }
  await more(3)
  killProcess(lastPid(project))
  await more(1)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  await more(2)
  assert.match(await tsgunctl(project, 'schedules'), /^clean {2}\(\* \* \* \* \* \*\) {2}next: 20[^]*ok\n/)
  server.signal('SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves beside this one/)
  await more(2)
  server.signal('SIGTERM')
  await server.says(/upgrade done/)
  await more(3)
  const second = Number(/the new master (\d+) serves/.exec(server.stderr)?.[1])
  killProcess(second)
  const run = lastPid(project)
  await eventually('the end of the run', () => (isAlive(run) ? undefined : true))
  await eventually('the end of the workers', () => (groupMembers(server.pid).length > 0 ? undefined : true))

  rmSync(project.path('tmp'), { recursive: true }) // what a killed master leaves
  mkdirSync(project.path('tmp'))
  const notes = JSON.parse(project.read('times.json')) as Record<string, { last: number }>
  const yearly = { cron: '0 0 1 1 * UTC', last: Date.UTC(new Date().getUTCFullYear() - 2, 5) }
  project.write('times.json', JSON.stringify({ ...notes, yearly }))
  const again = await startServer(project)
  await again.says(/the schedule yearly has missed 2 runs, from 20\S+ to 20\S+; one run makes them good/)
  await again.says(/yearly 0 \(pid \d+\) ended: done/)
  assert.ok(timesRun(project).some((time) => /-01-01T00:00:00.000Z$/.test(time)))
  await again.stop()
  assert.ok(timesRun(project).length >= 11)
})

test('a run by hand, one that fails and one that takes too long are in the history and in the logs', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'bad.ts': 'export const run = (): never => { throw new RangeError("no such table") }\n',
    'long.ts': 'export default ({ signal }) => new Promise((end) => signal.addEventListener("abort", end))\n',
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', control_socket: 'ctl.sock',
      schedules: { bad: { cron: '@yearly', run: './bad.ts' },
        long: { cron: '@yearly', run: './long.ts', timeout: 1 } } }\n`,
  })
  const server = await startServer(project)
  assert.match(await tsgunctl(project, 'run', 'bad'), /the run begins/)
  assert.match(await tsgunctl(project, 'run', 'long'), /the run begins/)
  await assert.rejects(tsgunctl(project, 'run', 'long'), /run: long runs already/)
  await assert.rejects(tsgunctl(project, 'run', 'logn'), /there is no schedule "logn", only "bad", "long"/)
  await server.says(/bad 0 \(pid \d+\) died: it exited with code 1.*RangeError: no such table/)
  await server.says(/long 0 \(pid \d+\) is to end: the run has taken longer than `timeout` of its schedule/)
  await server.says(/long 0 \(pid \d+\) ended: run_timeout/)
  const shown = await tsgunctl(project, 'schedules')
  assert.match(
    shown,
    /bad[^]*1 run, 1 failed[^]*failed: .*no such table[^]*failed: it took longer than `timeout`/,
  )
  assert.equal((await ask(server.url, '/')).status, 200)
  await server.stop()
})

test('wrong schedules are told by name with what to write', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': `export default { app: './app.js', services: { live: { run: './app.js' } }, schedules: {
      a: { cron: '99 * * * *', run: './app.js' }, b: { cron: '@daily', run: './app.js', timezone: 'Europe/Berln' },
      c: { cron: '@daily', run: './none.js' }, live: { cron: '@daily', run: './app.js' } } }\n`,
  })
  const server = launch(project)
  assert.equal((await server.exit()).code, 1)
  const { stderr } = server
  assert.match(
    stderr,
    /schedules\.a\.cron: expected a cron expression such as "0 3 \* \* \*"; got "99 \* \* \* \*" \(.*minute/,
  )
  assert.match(
    stderr,
    /schedules\.b\.timezone: expected a time zone such as "Europe\/Berlin"; got "Europe\/Berln"/,
  )
  assert.match(stderr, /schedules\.c\.run: cannot find module "\.\/none\.js"/)
  assert.match(stderr, /schedules\.live: expected a name of its own; "live" is a service/)
})
