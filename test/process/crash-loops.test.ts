// Slots whose workers fail as soon as they start, and a master that cannot start any: what the log reports,
// what hooks receive, and that the rest of the server keeps running.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { nobody, noOtherUser, openToAll } from '../helpers/identity.ts'
import { count } from '../helpers/routes.ts'
import { childrenOf, killProcess, processorTicks } from '../helpers/processes.ts'
import { recordsOf } from '../helpers/records.ts'
import { createProject, startServer, type LaunchOptions, type RunningServer } from '../helpers/tsgun.ts'

/** Worker 1 fails to boot, or fails soon after it is ready, while a file exists that says so. */
const app = `import { existsSync } from 'node:fs'
const isOne = process.env.TSGUN_WORKER_NR === '1'
if (isOne && existsSync('broken')) throw new Error('no database\\nat all')
if (isOne && existsSync('short')) setTimeout(() => { throw new TypeError('short life') }, 600)
export default (req, res) => res.end(process.env.TSGUN_WORKER_NR)
`

const config = `import { appendFileSync } from 'node:fs'
const note = (server) => appendFileSync('slots', JSON.stringify(server.slots) + '\\n')
export default { app: './app.js', bind: '127.0.0.1:0', workers: 2, log_format: 'json', errorlog: 'error.log', child_exit: note, pre_fork: note }
`

type Entry = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string }

function entries({ project }: RunningServer): Entry[] {
  return recordsOf<Entry>(project, 'error.log')
}

const deaths = (server: RunningServer): Entry[] => entries(server).filter(({ msg }) => / died: it /.test(msg))
const says = (server: RunningServer, pattern: RegExp): boolean =>
  entries(server).some(({ msg }) => pattern.test(msg))

/** The newest worker of a slot that became ready. */
function pidOf(server: RunningServer, nr: number): number {
  const found = entries(server).flatMap(
    ({ msg }) => new RegExp(`^worker ${nr} \\(pid (\\d+)\\) is ready`).exec(msg)?.[1] ?? [],
  )
  return Number(found.at(-1))
}

async function start(t: TestContext): Promise<RunningServer> {
  const server = await startServer(createProject(t, { 'app.js': app, 'server.config.js': config }))
  await server.until('the log file', () => says(server, /all 2 workers are ready/))
  return server
}

interface SlotNote {
  readonly nr: number
  readonly state: string
  readonly failures: number
  readonly last_error: string | null
}

const slotsSeen = ({ project }: RunningServer): SlotNote[][] => recordsOf<SlotNote[]>(project, 'slots')

test('a slot whose workers fail to boot is in a crash loop: logged with the last error at each step, passed to hooks, and over when a worker lives', async (t) => {
  const server = await start(t)
  server.project.write('broken', '')
  killProcess(pidOf(server, 1))
  await server.until('a few failures', () => deaths(server).length >= 5)
  const reports = deaths(server).map(({ msg, failures, last_error }) => [
    /; its slot is in a crash loop /.test(msg),
    failures,
    last_error,
  ])
  const lastError = `cannot load ${server.project.path('app.js')}: no database`
  const loops = reports.filter(([isLoop]) => isLoop)
  assert.ok(
    loops.length >= 2 && reports.slice(-loops.length).every(([isLoop]) => isLoop),
    JSON.stringify(reports),
  )
  assert.deepEqual(loops.slice(0, 2), [
    [true, 3, lastError],
    [true, 4, lastError],
  ])
  const errors = entries(server).filter(({ level, msg }) => level === 'error' && /failed to boot: /.test(msg))
  assert.ok(errors.length <= 3, 'the stack of the error is not repeated with each try')
  assert.equal((await ask(server.url)).body, '0', 'the other slot serves')
  const seen = slotsSeen(server).flatMap((slots) => slots)
  assert.ok(
    seen.some(
      ({ nr, state, failures, last_error }) =>
        nr === 1 && state === 'crash-loop' && failures >= 3 && last_error === lastError,
    ),
  )
  assert.ok(seen.every(({ nr, state }) => nr === 1 || state !== 'crash-loop'))
  execFileSync('rm', [server.project.path('broken')])
  await server.until('the recovery', () =>
    says(server, /^worker 1 .* serves: its slot has left the crash loop after \d+ failures in a row$/),
  )
  const before = deaths(server).length
  killProcess(pidOf(server, 1))
  await server.until('the next death', () => deaths(server).length > before)
  await server.until('a worker at once', () => childrenOf(server.pid).length === 2)
  assert.doesNotMatch(deaths(server).at(-1)?.msg ?? '', /crash loop|next attempt/)
  await server.stop()
  assert.equal(entries(server).filter(({ msg }) => /has left the crash loop/.test(msg)).length, 1)
})

test('workers that fail soon after they are ready are a crash loop too, and each exit has its record with the reason', async (t) => {
  const server = await start(t)
  server.project.write('short', '')
  killProcess(pidOf(server, 1))
  await server.until(
    'a crash loop',
    () => deaths(server).filter(({ msg }) => /crash loop/.test(msg)).length >= 2,
  )
  assert.equal((await ask(server.url)).status, 200)
  const loop = deaths(server).find(({ msg }) => /crash loop/.test(msg))
  assert.deepEqual(
    [loop?.['reason'], loop?.['exit_code'], loop?.['last_error']],
    ['exit', 1, 'TypeError: short life'],
  )
  const pids = deaths(server).map(({ worker_pid }) => worker_pid)
  assert.equal(new Set(pids).size, pids.length)
  await server.stop()
})

/** prlimit(1), as the user of the server: root in a container may not change the limits of other users. */
function prlimit({ pid }: RunningServer, user: LaunchOptions['user'], ...words: readonly string[]): string {
  return execFileSync('prlimit', ['--pid', String(pid), ...words], { cwd: '/', ...user })
    .toString()
    .trim()
}

interface Shortage {
  readonly resource: 'nofile' | 'nproc'
  readonly limit: number
  readonly sentence: RegExp
}

const shortages: Readonly<Record<string, Shortage>> = {
  'descriptors (EMFILE)': {
    resource: 'nofile',
    limit: 8,
    sentence:
      /could not be started: no file descriptor is free in this process \(EMFILE\): raise .*ulimit -n, or LimitNOFILE=/,
  },
  'processes (EAGAIN)': {
    resource: 'nproc',
    limit: 1,
    sentence:
      /could not be started: a limit of processes and threads is reached \(EAGAIN\): raise ulimit -u .*pids\.max/,
  },
}

for (const [what, { resource, limit, sentence }] of Object.entries(shortages)) {
  // The kernel does not limit the processes of root.
  const skip = resource === 'nproc' && process.getuid?.() === 0 ? noOtherUser : false
  test(
    `a master without ${what} for a new worker logs that with a remedy, does not spin, and starts the worker later`,
    { skip },
    async (t) => {
      const project = openToAll(
        createProject(t, {
          'app.js': app,
          'server.config.js': config.replace(`, errorlog: 'error.log'`, ''),
        }),
      )
      execFileSync('chmod', ['777', project.directory])
      const user = resource === 'nproc' && process.getuid?.() === 0 ? nobody : undefined
      const server = await startServer(project, user ? { user } : {})
      const before = prlimit(server, user, `--${resource}`, '-o', 'SOFT', '--noheadings')
      prlimit(server, user, `--${resource}=${limit}:`)
      const [victim = 0] = server.workerPids
      const used = processorTicks(server.pid)
      killProcess(victim)
      await server.says(sentence, 4)
      assert.equal((await ask(server.url)).status, 200, 'the other worker serves')
      await server.says(/its slot is in a crash loop \(4 failures in a row/)
      assert.ok(processorTicks(server.pid) - used < 100, 'a second of the processor in about two')
      assert.ok(count(server.stderr, sentence) < 8)
      prlimit(server, user, `--${resource}=${before}:`)
      await server.says(/has left the crash loop/)
      assert.equal(server.workerPids.length, 2)
      assert.match(
        server.stderr,
        new RegExp(`pid ${victim}\\) died: it was ended by SIGKILL`),
        'no record was lost',
      )
      await server.stop()
    },
  )
}
