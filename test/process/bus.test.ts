// The bus as a user has it: between workers, threads and tasks, through the death of its broker, past a
// process that is stuck, and from one master to the next.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Status } from '../../src/control/protocol.ts'
import { call, gotIn, startBus, untilGot } from '../helpers/bus-app.ts'
import { tsgunctl } from '../helpers/control.ts'
import { childrenOf, commandOf, killProcess } from '../helpers/processes.ts'
import { createProject, nodeBinary, startServer, type RunningServer } from '../helpers/tsgun.ts'
import { eventually } from '../helpers/wait.ts'

/** The processes of the broker below a master. */
function brokersOf(master: number): readonly number[] {
  return childrenOf(master).filter((pid) => commandOf(pid).startsWith('tsgun: bus'))
}

const workersOf = (master: number): readonly number[] =>
  childrenOf(master).filter((pid) => commandOf(pid).startsWith('tsgun: worker'))

async function statusOf({ project }: RunningServer): Promise<Status['bus']> {
  return (JSON.parse(await tsgunctl(project, '--json', 'status')) as Status).bus
}

const count = (server: RunningServer, pattern: RegExp): number => [...server.stderr.matchAll(pattern)].length

test('workers, tasks, services and schedules publish, subscribe and ask; the broker is replaced; a stuck worker harms no other one', async (t) => {
  const settings = `workers: 3, timeout: 0, control_socket: 'ctl.sock',`
  const server = await startBus(t, { settings, hasTask: true, hasRunners: true })
  const [broker = 0, ...more] = brokersOf(server.pid)
  assert.deepEqual(more, [])

  await t.test('a message reaches every process, as a structured clone', async () => {
    await call(server, '/publish?topic=news.first&text=one')
    const names = await untilGot(server, 'one', 5)
    const [[topic, data]] = gotIn(server.project).get(names[0] ?? '') as [[string, object]]
    assert.equal(topic, 'news.first')
    assert.deepEqual(Object.keys(data), ['text', 'at', 'by'])
    await call(server, '/task?text=two')
    await untilGot(server, 'two', 5)
  })

  await t.test('a request is handled by one process, and its error crosses', async () => {
    const reply = (await call(server, '/request?topic=who&text=hi')) as { data: string; pid: number }
    assert.equal(reply.data, 'hi')
    assert.ok(childrenOf(server.pid).includes(reply.pid))
    const { pid, double } = (await call(server, '/request?topic=compute&text=21')) as Record<string, number>
    assert.equal(double, 42)
    assert.match(commandOf(pid ?? 0), /task work/)
    assert.deepEqual(await call(server, '/request?topic=who&text=fail'), {
      name: 'RangeError',
      message: 'no such order',
      code: 'ENOORDER',
      isBusError: false,
    })
    assert.deepEqual(await call(server, '/request?topic=nobody'), {
      name: 'BusError',
      message: 'the request to nobody has failed: no process has subscribed to it',
      code: 'BUS_NO_SUBSCRIBER',
      isBusError: true,
    })
  })

  await t.test('a run of a schedule and a service publish, subscribe and ask', async () => {
    await tsgunctl(server.project, 'run', 'tick')
    await untilGot(server, 'schedule', 6)
    await untilGot(server, 'service polled', 6)
    const [, got = []] = [...gotIn(server.project)].find(([name]) => name.includes('schedule')) ?? []
    assert.deepEqual(
      got.find((each) => Array.isArray(each) && each[0] === 'poll'),
      ['poll', true],
    )
  })

  await t.test(
    'a handler that throws is in the error log with topic and place, and its worker lives',
    async () => {
      const before = workersOf(server.pid)
      await call(server, '/publish?topic=bad')
      await server.says(/a handler of the bus has failed on a message to bad: a bad handler/, 3)
      await server.says(/RangeError: a bad handler\n +at .*app\.ts:19/)
      assert.deepEqual(workersOf(server.pid), before)
    },
  )

  await t.test('after kill -9 of the broker the subscriptions come back, with one record', async () => {
    killProcess(broker)
    await server.says(/bus: the broker \(pid \d+\) was ended by SIGKILL; .* it is replaced now/)
    await call(server, '/publish?topic=news.again&text=three')
    await untilGot(server, 'three', 5)
    const reply = (await call(server, '/request?topic=who&text=back')) as { data: string }
    assert.equal(reply.data, 'back')
    assert.equal(count(server, /bus: the broker/g), 1)
    assert.equal(count(server, /worker \d.*ended/g), 0)
  })

  await t.test('for a worker that is stopped the oldest messages are dropped, others get all', async () => {
    const sent = 200
    const { pid } = (await call(server, '/request?topic=who&text=x')) as { pid: number }
    killProcess(pid, 'SIGSTOP')
    try {
      await publishBesides(server, `/large?text=${sent}`)
      const largeIn = (got: readonly unknown[]): readonly number[] =>
        got.flatMap((each) => (Array.isArray(each) && each[0] === 'large' ? [Number(each[1])] : []))
      await eventually('all messages in both others', () => {
        const lists = [...gotIn(server.project)].filter(
          ([name]) => /^got-\d+-\d+\.txt$/.test(name) && !name.includes(`${pid}-`),
        )
        return lists.every(([, got]) => new Set(largeIn(got)).size === sent) ? true : undefined
      })
      await server.says(
        new RegExp(`bus: \\d+ messages for worker \\d \\(pid ${pid}\\) dropped, the oldest first`),
      )
      const figures = await eventually('the figures', async () => {
        const now = await statusOf(server)
        return now && now.dropped > 0 && now.restarts === 1 ? now : undefined
      })
      assert.deepEqual([figures.clients, figures.subscriptions], [5, 22])
    } finally {
      killProcess(pid, 'SIGCONT')
    }
    await call(server, '/publish?topic=news.last&text=four')
    await untilGot(server, 'four', 5)
  })

  await server.stop()
})

/** A request that a stopped worker may have accepted is made again, until another one responds. */
async function publishBesides(server: RunningServer, path: string): Promise<void> {
  await eventually('another worker', () =>
    Promise.race([call(server, path), delay(10_000, undefined, { ref: false })]),
  )
}

test('messages keep their order through a reload and an upgrade, and reach the processes of both masters', async (t) => {
  const server = await startBus(t, { settings: 'workers: 2,', environment: { FLOW: '1' } })
  const [broker] = brokersOf(server.pid)
  server.signal('SIGHUP')
  await server.says(/reload done: generation 2/)
  assert.deepEqual(brokersOf(server.pid), [broker], 'a reload keeps the broker')
  for (const [name, got] of gotIn(server.project))
    for (const numbers of flowsIn(got).values())
      assert.deepEqual(
        numbers,
        numbers.map((_, index) => (numbers[0] ?? 0) + index),
        `${name} has a gap`,
      )

  server.signal('SIGUSR2')
  await server.says(/upgrade: the new master \d+ serves/)
  const [, next = ''] = /upgrade: the new master (\d+) serves/.exec(server.stderr) ?? []
  const master = Number(next)
  await eventually('each of four workers to get messages of four', () => {
    const present = [...childrenOf(server.pid), ...childrenOf(master)].filter((pid) =>
      /: worker/.test(commandOf(pid)),
    )
    const reached = [...gotIn(server.project)].filter(
      ([name, got]) =>
        present.some((pid) => name.includes(`${pid}-`)) &&
        present.every((pid) => [...flowsIn(got).keys()].some((by) => by.startsWith(`${pid}-`))),
    )
    return reached.length === 4 ? true : undefined
  })
  try {
    server.signal('SIGTERM')
    await server.says(/upgrade done: the old master \d+ has exited/)
    assert.equal(brokersOf(master).length, 1)
    const lengths = (): readonly number[] =>
      [...gotIn(server.project)]
        .filter(([name]) => childrenOf(master).some((pid) => name.includes(`${pid}-`)))
        .map(([, got]) => got.length)
    const before = lengths()
    assert.equal(before.length, 2)
    await eventually('more messages', () =>
      lengths().every((length, at) => length > (before[at] ?? 0) + 50) ? true : undefined,
    )
    for (const [name, got] of gotIn(server.project))
      for (const numbers of flowsIn(got).values())
        assert.deepEqual(
          numbers,
          [...new Set(numbers)].toSorted((one, other) => one - other),
          `${name} in order`,
        )
    assert.doesNotMatch(server.stderr, /bus: /)
  } finally {
    killProcess(master, 'SIGTERM')
  }
  assert.equal((await server.exit()).code, 0) // its output ends with that of the new master
})

/** The numbers of the messages of each publisher. */
function flowsIn(got: readonly unknown[]): ReadonlyMap<string, readonly number[]> {
  const flows = new Map<string, number[]>()
  for (const each of got) {
    const [by, nr] = each as [string, number]
    const numbers = flows.get(by) ?? []
    flows.set(by, numbers)
    numbers.push(nr)
  }
  return flows
}

test('each thread of a worker is on the bus, also as another user', async (t) => {
  const user = process.getuid?.() === 0 ? `user: 'nobody',` : ''
  const server = await startBus(t, { settings: `worker_class: 'threads', workers: 1, threads: 2, ${user}` })
  await call(server, '/publish?topic=news.threads&text=one')
  assert.equal((await untilGot(server, 'one', 2)).length, 2)
  await server.stop()
})

test('a server that does not use the bus has no broker, and other programs say why they have no bus', async (t) => {
  const server = await startServer(
    createProject(t, {
      'app.ts': `import { bus } from 'tsgun'\nexport default (q, r) => r.end(typeof bus.publish)\n`,
      'server.config.ts': `export default { app: './app.ts', bind: '127.0.0.1:0' }\n`,
      'alone.js': `import { bus } from 'tsgun'\nbus.publish('a', 1)\n`,
    }),
  )
  assert.equal(childrenOf(server.pid).length, 1)
  const { stderr } = spawnSync(nodeBinary, ['alone.js'], { cwd: server.project.directory, encoding: 'utf8' })
  assert.match(
    stderr,
    /Error: this process has no bus: workers and task processes of a tsgun server have one/,
  )
  await server.stop()
})
