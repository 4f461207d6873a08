// Recycling: workers that have served or use too much are replaced under load, and only the log shows it.

import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { Load, type LoadOptions } from '../helpers/load.ts'
import { count } from '../helpers/routes.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

/**
 * `/leak` keeps 4 MB outside of the heap, and takes a moment so that memory is checked in time; `/heap`
 * fills the heap to 93 of 100 MB; each responds with the pid.
 */
const app = `import v8 from 'node:v8'
import { existsSync } from 'node:fs'
if (existsSync('broken')) throw new Error('no database')
const kept = []
const used = () => v8.getHeapSpaceStatistics().filter((space) => !space.space_name.startsWith('new_space'))
  .reduce((sum, space) => sum + space.space_used_size, 0)
const answers = {
  '/leak': () => { kept.push(Buffer.alloc(4 * 2 ** 20, 1)); return new Promise((resolve) => setTimeout(resolve, 20)) },
  '/heap': () => { while (used() < 93 * 2 ** 20) kept.push(new Array(50_000).fill(kept.length)) },
}
export default async (req, res) => {
  await answers[req.url]?.()
  res.end(String(process.pid))
}
`

/** `text` is more properties. Each end of a worker is a line of ends.txt. */
const config = (text: string): string => `import { appendFileSync } from 'node:fs'
export default { app: './app.js', bind: '127.0.0.1:0',
  child_exit: (server, worker) => appendFileSync('ends.txt', [worker.exit.reason, worker.exit.code, worker.requests, worker.rss].join(' ') + '\\n'),
  ${text} }
`

interface Change {
  readonly what: 'is ready' | 'retired'
  readonly nr: string
  readonly pid: string
}

/** In the order in which the master reports them. */
function changes({ stderr }: RunningServer): readonly Change[] {
  const pattern = /worker (\d+) \(pid (\d+)\) (is ready|is retired)/g
  return [...stderr.matchAll(pattern)].map(([, nr = '', pid = '', what]) => ({
    what: what === 'is ready' ? 'is ready' : 'retired',
    nr,
    pid,
  }))
}

/**
 * At each moment from the start on `workers` workers or one more served, and each that ended had a successor
 * in its slot.
 */
function assertNoDip(server: RunningServer, workers: number): void {
  const serving = new Map<string, string>()
  let isStarted = false
  for (const { what, nr, pid } of changes(server)) {
    if (what === 'is ready') serving.set(pid, nr)
    else serving.delete(pid)
    isStarted ||= serving.size === workers
    if (isStarted) assert.ok(serving.size === workers || serving.size === workers + 1, server.report())
    if (what === 'retired')
      assert.ok([...serving.values()].includes(nr), `no successor in slot ${nr}\n${server.report()}`)
  }
}

/** No worker starts as a successor before the one that was recycled before it has exited. */
function assertOneAtATime(server: RunningServer): void {
  let leaving = 0
  for (const [, what] of server.stderr.matchAll(
    /worker \d+ \(pid \d+\) (starts|is retired (?:after|at|with)|ended|died)/g,
  )) {
    if (what === 'starts') assert.equal(leaving, 0, server.report())
    else leaving += what === 'ended' || what === 'died' ? -1 : 1
  }
}

/** No request fails in the meantime. */
async function underLoad(
  server: RunningServer,
  options: LoadOptions,
  step: () => Promise<void>,
): Promise<void> {
  const load = new Load(server.url, options)
  try {
    await step()
  } finally {
    await load.stop()
  }
  assert.deepEqual(load.failures, [], server.report())
}

const ends = (project: Project): string[] => project.read('ends.txt').trim().split('\n')

test('with max_requests the workers are replaced one at a time: no request fails, and the number of workers never drops', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(`workers: 2, timeout: 2, max_requests: 150, max_requests_jitter: 50`),
  })
  const server = await startServer(project)
  await underLoad(server, { kept: 4, fresh: 4 }, () =>
    server.says(/is retired after [\d,]+ requests \(max_requests\)/, 6),
  )
  assertNoDip(server, 2)
  assertOneAtATime(server)
  const slots = changes(server).filter(({ what }) => what === 'retired')
  assert.deepEqual(new Set(slots.map(({ nr }) => nr)), new Set(['0', '1']))
  await server.stop()
  const recycled = ends(project).filter((line) => line.startsWith('max_requests 0 '))
  assert.ok(recycled.length >= 6, ends(project).join())
  for (const line of recycled) assert.ok(Number(line.split(' ')[2]) >= 150, line)
})

test('an app that leaks is replaced at max_memory, and the log has its size', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(`workers: 2, timeout: 2, max_memory: '160M', max_memory_jitter: '8M'`),
  })
  const server = await startServer(project)
  await underLoad(server, { kept: 0, fresh: 1, path: '/leak' }, () =>
    server.says(/is retired at [\d,]+ MB \(max_memory\)/, 2),
  )
  assertNoDip(server, 2)
  await server.stop()
  const recycled = ends(project).filter((line) => line.startsWith('max_memory 0 '))
  assert.ok(recycled.length >= 2, ends(project).join())
  for (const line of recycled) assert.ok(Number(line.split(' ')[3]) >= 160 * 2 ** 20, line)
})

test('a worker whose heap is nearly full is replaced before V8 ends it', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(`timeout: 10, env: { NODE_OPTIONS: '--max-old-space-size=100' }`),
  })
  const server = await startServer(project)
  await underLoad(server, { kept: 1, fresh: 1 }, async () => {
    await ask(server.url, '/heap')
    await server.says(/is retired with 9\d MB of 100 MB of its heap in use \(heap\)/)
    await server.says(/ ended: \w+, after/)
  })
  assertNoDip(server, 1)
  await server.stop()
  assert.match(project.read('ends.txt'), /^heap 0 /)
})

test('a reload comes first, and the new generation is recycled by its own limits', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(`workers: 2, timeout: 2, max_requests: 40`),
  })
  const server = await startServer(project)
  await underLoad(server, { kept: 2, fresh: 2 }, async () => {
    await server.says(/is retired after [\d,]+ requests \(max_requests\)/)
    project.write('server.config.js', config(`workers: 2, timeout: 2, max_requests: 60`))
    server.signal('SIGHUP')
    await server.says(/reload done: generation 2 serves/)
    const before = count(server.stderr, /\(max_requests\)/)
    await server.says(/is retired after [\d,]+ requests \(max_requests\)/, before + 2)
  })
  assertNoDip(server, 2)
  await server.stop()
})

test('if the successor does not boot, the old worker keeps serving, retries become slower, and a repaired app is accepted', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(`timeout: 2, max_requests: 20`),
  })
  const server = await startServer(project)
  const [pid] = server.workerPids
  project.write('broken', '')
  await underLoad(server, { kept: 1, fresh: 1 }, async () => {
    await server.says(/failed to boot: .*no database/, 3)
    assert.equal((await ask(server.url)).body, String(pid), server.report())
    assert.doesNotMatch(server.stderr, /is retired/)
    await server.says(/before it was ready, after .*; next attempt in /)
    rmSync(project.path('broken'))
    await server.says(new RegExp(`worker 0 \\(pid ${pid}\\) is retired after [\\d,]+ requests`))
  })
  assertNoDip(server, 1)
  await server.stop()
})

test('a worker that exceeds max_memory from its start is logged and not replaced', async (t) => {
  const project = createProject(t, {
    'app.js': `const cache = Buffer.alloc(64 * 2 ** 20, 1)\n${app}`,
    'server.config.js': config(`timeout: 2, max_memory: '50M'`),
  })
  const server = await startServer(project)
  await server.says(
    /worker 0 \(pid \d+\) already uses \d+ MB at start, above max_memory \(50 MB\); max_memory is ignored for this worker/,
  )
  await underLoad(server, { kept: 1 }, () => new Promise((resolve) => setTimeout(resolve, 2000)))
  assert.equal(count(server.stderr, /worker 0 \(pid \d+\) starts/), 1)
  await server.stop()
})

test('hooks in the master receive what each worker has served and uses', async (t) => {
  const project = createProject(t, {
    'app.js': app,
    'server.config.js': config(
      `timeout: 2, nworkers_changed: (server) => console.log('seen', ` +
        'JSON.stringify(server.workers.map(({ requests, busy, connections, rss }) => [requests, busy, ' +
        'connections, rss > 2 ** 20])))',
    ),
  })
  const server = await startServer(project)
  for (let request = 0; request < 3; request += 1) await ask(server.url)
  for (let target = 2; !/seen \[\[3,0,\d+,true\]/.test(server.stdout); target += 1) {
    const before = count(server.stdout, /seen/)
    server.signal(target % 2 === 0 ? 'SIGTTIN' : 'SIGTTOU')
    await server.says(/seen/, before + 1)
    assert.ok(target < 200, server.report())
  }
  await server.stop()
})
