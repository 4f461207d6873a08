// Tasks as a user has them: processes beside the workers, their queue, their errors in responses, and what
// the logs say.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { statusFields } from '../../src/control/fields.ts'
import type { Status } from '../../src/control/protocol.ts'
import { ask } from '../helpers/http.ts'
import { childrenOf, groupMembers, killIfRunning, killProcess } from '../helpers/processes.ts'
import { outputOf, ranIn, run, startTasks, taskProject, untilRuns } from '../helpers/task-app.ts'
import { launch, nodeBinary, repository, startServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

test('a task runs in a process of its own, and its output comes back', async (t) => {
  const server = await startTasks(t, { settings: 'workers: 2,' })
  const { body: worker } = await ask(server.url, '/health')
  const output = await outputOf(server, { ran: 'one' })
  assert.equal(output.ran, 'one')
  assert.notEqual(String(output.pid), worker)
  assert.ok(childrenOf(server.pid).includes(output.pid))
  assert.equal((await outputOf(server, { ran: 'two' })).pid, output.pid)
  assert.match(server.stderr, new RegExp(`task process work 0 \\(pid ${output.pid}\\) is ready`))
  await server.stop()
  assert.equal(server.project.read('unloaded.txt'), `${output.pid}\n`)
})

test('what a task logs and prints has its task and the id of the request', async (t) => {
  const server = await startTasks(t, {
    settings: `accesslog: 'access.log', access_log_format: 'json', log_format: 'json',`,
  })
  await outputOf(server, { op: 'log', ran: 'x' })
  await server.says(/"msg":"it runs"/)
  await server.says(/printed/)
  const access = await eventually('the access line', () =>
    Promise.resolve(server.project.read('access.log').split('\n')[0] || undefined),
  )
  const { request_id: id } = JSON.parse(access) as { request_id: string }
  const line = `${server.stdout}\n${server.stderr}`.split('\n').find((each) => each.includes('it runs'))
  const record = JSON.parse(line ?? '{}') as Record<string, unknown>
  assert.deepEqual([record['task'], record['request_id']], ['work', id])
  assert.ok(`${server.stdout}\n${server.stderr}`.includes(`printed ${id}`))
  await server.stop()
})

test('an error of a task is a 500, and the log has its name, message and TypeScript line', async (t) => {
  const server = await startTasks(t)
  assert.equal((await ask(server.url, run({ op: 'fail' }))).status, 500)
  await server.says(/RangeError: no such page/)
  assert.match(`${server.stdout}\n${server.stderr}`, /work\.task\.ts:24[^]*\n.*app\.ts:12/, 'and of the call')
  assert.match(`${server.stdout}\n${server.stderr}`, /TASK_FAILED/)
  assert.equal((await outputOf(server, { ran: 'after' })).ran, 'after')
  await server.stop()
})

test('a full queue is refused at once with 503 and Retry-After, and the app serves meanwhile', async (t) => {
  const server = await startTasks(t, { pool: 'max_queue: 3' })
  const running = ask(server.url, run({ op: 'sleep', ms: 2000, ran: 'long' }))
  await untilRuns(server.project, 'long')
  const others = Array.from({ length: 12 }, (_, index) => ask(server.url, run({ ran: `other ${index}` })))
  const settled = await Promise.race([...others])
  assert.equal(settled.status, 503)
  assert.match(String(settled.headers['retry-after']), /^\d+$/)
  assert.equal((await ask(server.url, '/health')).status, 200)
  const statuses = (await Promise.all(others)).map(({ status }) => status)
  const served = statuses.filter((status) => status === 200).length
  assert.equal((await running).status, 200)
  assert.ok(served >= 3 && served <= 5, `${served} of the tasks that waited were run`)
  assert.ok(statuses.every((status) => status === 200 || status === 503))
  await server.stop()
})

for (const [op, where] of [
  ['spin', /stuck in JavaScript/],
  ['native', /stuck in native code/],
  ['never', /waiting, not blocked/],
] as const)
  test(`a task that runs too long (${op}) is a 504, and its process is replaced with a report`, async (t) => {
    const server = await startTasks(t, { pool: 'timeout: 1' })
    const { pid } = await outputOf(server, { ran: 'before' })
    const response = await ask(server.url, run({ op, ran: 'late' }))
    assert.equal(response.status, 504, server.report())
    await server.says(where)
    await server.says(/its task ran longer than its timeout/)
    await server.says(/task work (request_id=\S+ )?age_ms=\d+/)
    if (op === 'spin') assert.match(`${server.stdout}\n${server.stderr}`, /work\.task\.ts:20/)
    const after = await outputOf(server, { ran: 'after' })
    assert.notEqual(after.pid, pid)
    await server.stop()
    await eventually('the program of `native` to end', () => {
      const left = groupMembers(server.pid)
      for (const pid of left) killIfRunning(pid)
      return left.length === 0 || undefined
    })
  })

test('a task that computes for longer than timeout of the workers is not disturbed', async (t) => {
  const server = await startTasks(t, { settings: 'timeout: 1,' })
  const output = await outputOf(server, { op: 'sleep', ms: 100, ran: 'x' })
  const blocked = `/run?op=block`
  assert.equal((await ask(server.url, blocked)).status, 200)
  assert.equal((await outputOf(server, { ran: 'y' })).pid, output.pid)
  await server.stop()
})

test('a process that dies fails the task that it runs with 502; what waits is run by the next', async (t) => {
  const server = await startTasks(t)
  const { pid } = await outputOf(server, { ran: 'before' })
  const running = ask(server.url, run({ op: 'sleep', ms: 60_000, ran: 'running' }))
  await untilRuns(server.project, 'running')
  const waiting = Array.from({ length: 5 }, (_, index) => outputOf(server, { ran: `waiting ${index}` }))
  killProcess(pid, 'SIGKILL')
  const lost = await running
  assert.equal(lost.status, 502)
  const outputs = await Promise.all(waiting)
  assert.ok(outputs.every((output) => output.pid !== pid))
  await server.says(/TASK_LOST/)
  assert.match(server.stderr, /TaskError: the task work was lost[^\n]*\n +at .*app\.ts:12/)
  await server.stop()
})

test('a task that kills its process is tried as often as attempts says', async (t) => {
  const server = await startTasks(t, { pool: 'attempts: 2' })
  assert.equal((await ask(server.url, run({ op: 'kill', ran: 'poison' }))).status, 502)
  assert.equal(ranIn(server.project).filter((name) => name === 'poison').length, 2)
  await server.stop()
})

test('a client that leaves cancels its task: none of those that wait is run', async (t) => {
  const server = await startTasks(t, { pool: 'max_queue: 200' })
  const running = ask(server.url, run({ op: 'sleep', ms: 1500, ran: 'long' }))
  await untilRuns(server.project, 'long')
  const leaving = new AbortController()
  const left = Array.from({ length: 100 }, (_, index) =>
    fetch(`${server.url}${run({ ran: `left ${index}` })}`, { signal: leaving.signal }).catch(() => undefined),
  )
  const stays = outputOf(server, { ran: 'stays' })
  setTimeout(() => leaving.abort(), 500)
  await Promise.all(left)
  await running
  await stays
  assert.deepEqual(ranIn(server.project).slice(-2), ['long', 'stays'])
  await server.stop()
})

test('high priority goes first', async (t) => {
  const server = await startTasks(t)
  const running = ask(server.url, run({ op: 'sleep', ms: 1000, ran: 'long' }))
  await untilRuns(server.project, 'long')
  const normal = Array.from({ length: 5 }, (_, index) => outputOf(server, { ran: `normal ${index}` }))
  await outputOf(server, { ran: 'high', priority: 'high' })
  await Promise.all([running, ...normal])
  const order = ranIn(server.project).filter((name) => name !== 'long')
  assert.ok(order.indexOf('high') <= 1, order.join()) // one may be in the hands of the process already
  await server.stop()
})

test('a stop serves the requests in flight with their tasks', async (t) => {
  const server = await startTasks(t)
  const running = outputOf(server, { op: 'sleep', ms: 1000, ran: 'last' })
  await untilRuns(server.project, 'last')
  await server.stop()
  assert.equal((await running).ran, 'last')
})

test('a process is replaced after max_tasks', async (t) => {
  const server = await startTasks(t, { pool: 'max_tasks: 3' })
  const pids = new Set<number>()
  await eventually('a second process', async () => {
    pids.add((await outputOf(server, { ran: 'x' })).pid)
    return pids.size > 1 || undefined
  })
  await server.says(/task process work 0 \(pid \d+\) is retired after \d+ tasks? \(max_tasks\)/)
  await server.stop()
})

test('a module that is no task ends the start with the reason', async (t) => {
  const files = { 'work.task.ts': 'export default { runs: () => 1 }\n' }
  const launched = launch(taskProject(t, { files }))
  assert.equal((await launched.exit()).code, 3)
  assert.match(launched.stderr, /work\.task\.ts is no task: it has neither run nor batch/)
})

test('a load() that throws ends the start with its error', async (t) => {
  const files = {
    'work.task.ts': `export default { load() { throw new Error('no weights') }, run: () => 1 }\n`,
  }
  const launched = launch(taskProject(t, { files }))
  assert.equal((await launched.exit()).code, 3)
  assert.match(launched.stderr, /task process work 0 .* failed to boot: no weights/)
})

test('--check-config loads the modules of tasks, but no model', async (t) => {
  const files = {
    'work.task.ts': `export default { load() { throw new Error('no weights') }, run: () => 1 }\n`,
  }
  const right = launch(taskProject(t, { files }), { arguments: ['--check-config'] })
  assert.equal((await right.exit()).code, 0, right.report())
  assert.match(right.stdout, /the app and the tasks load/)
  const wrong = launch(taskProject(t, { files: { 'work.task.ts': 'export default 7\n' } }), {
    arguments: ['--check-config'],
  })
  assert.equal((await wrong.exit()).code, 1)
  assert.match(wrong.stderr, /task work: .*work\.task\.ts is no task/)
})

test('wrong parts of tasks are told with their place', async (t) => {
  const launched = launch(taskProject(t, { pool: `proceses: 2, timeout: '1m'` }))
  assert.equal((await launched.exit()).code, 1)
  assert.match(launched.stderr, /tasks\.work\.proceses.*did you mean "processes"/)
  assert.match(launched.stderr, /tasks\.work\.timeout: expected seconds, 0 or more/)
  const missing = launch(taskProject(t, { pool: `module: './wrok.task.ts'` }))
  assert.equal((await missing.exit()).code, 1)
  assert.match(missing.stderr, /tasks\.work\.module: cannot find module .*did you mean .*work\.task\.ts/)
})

test('an app that calls a task which the config does not have says which there are', async (t) => {
  const files = {
    'app.ts': `import { task } from 'tsgun'\nexport default () => task('wrok')\ntask('wrok')\n`,
  }
  const launched = launch(taskProject(t, { files }))
  assert.equal((await launched.exit()).code, 3)
  assert.match(launched.stderr, /there is no task "wrok".*Did you mean "work"/)
})

test('the processes of tasks run the hooks of workers, with the name of the task', async (t) => {
  const hooks = `post_fork: (server, { task, cpus }) => console.log('post_fork ' + task + ' ' + cpus),
  worker_exit: (server, { task }) => console.log('worker_exit ' + task),`
  const server = await startTasks(t, { settings: `${hooks} workers: 1, ` })
  await server.says(/post_fork null 1/)
  await server.says(/post_fork work \d+/)
  await server.stop()
  assert.match(`${server.stdout}\n${server.stderr}`, /worker_exit work/)
})

test('tsgunctl shows the processes of tasks and what has become of the calls', async (t) => {
  const server = await startTasks(t, { settings: `control_socket: 'control.sock',`, pool: 'max_queue: 1' })
  const control = (...words: readonly string[]): string =>
    spawnSync(nodeBinary, [`${repository}/bin/tsgunctl.js`, ...words], {
      cwd: server.project.directory,
      env: { ...process.env, TSGUN_CONTROL_SOCKET: server.project.path('control.sock') },
      encoding: 'utf8',
    }).stdout
  const { pid } = await outputOf(server, { ran: 'x' })
  assert.match(control('workers'), new RegExp(`work 0 +${pid}`))
  const running = ask(server.url, run({ op: 'sleep', ms: 2500, ran: 'long' }))
  await untilRuns(server.project, 'long')
  await Promise.all([...Array(6)].map(() => ask(server.url, run({ ran: 'more' }))))
  await ask(server.url, run({ op: 'fail' }))
  await running
  const found = await eventually('the figures', () => {
    const [task] = (JSON.parse(control('status', '--json')) as Status).tasks
    // The workers report calls, the processes of the task report batches.
    return task?.failed === 1 && task.running === 0 && task.batches > task.done ? task : undefined
  })
  const names = Object.keys(statusFields).filter((name) => name.startsWith('tasks[].'))
  assert.deepEqual(
    Object.keys({ ...found, 'processes.wanted': 0, 'processes.ready': 0, processes: undefined })
      .filter((name) => name !== 'processes')
      .toSorted(),
    names.map((name) => name.slice('tasks[].'.length)).toSorted(),
  )
  const { name, processes, waiting, lost, refused, done } = found
  assert.deepEqual([name, processes, waiting, lost], ['work', { wanted: 1, ready: 1 }, 0, 0])
  assert.ok(refused >= 1 && done + refused === 8, JSON.stringify(found))
  assert.ok((found.wait_p99_ms ?? 0) > 100 && (found.run_p99_ms ?? 0) > 1000, JSON.stringify(found))
  assert.match(control('status'), /task work +generation 1, 1 of 1 ready, 0 running, 0 waiting .*1 failed/)
  await server.stop()
})

test('a server without tasks has no process and no queue for them', async (t) => {
  const project = taskProject(t, { files: { 'app.ts': `export default (q, r) => r.end('ok')\n` } })
  project.write('server.config.ts', `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`)
  const server = await startServer(project)
  assert.equal(childrenOf(server.pid).length, 1)
  await server.stop()
})
