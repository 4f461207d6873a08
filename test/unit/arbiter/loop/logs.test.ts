// What the arbiter does about the log files besides writing them: rotation and reopening on demand, lost
// lines.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { reopenLogs, reportDropped, rotateLogs, type ManagedLogs } from '../../../../src/arbiter/loop/logs.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { watchLogs } from '../../../../src/arbiter/report/log-events.ts'
import { noLocks } from '../../../../src/logging/rotation/file-locks.ts'
import { Logs } from '../../../../src/logging/files/logs.ts'
import { sinkOpener } from '../../../../src/logging/files/open-sink.ts'
import { directory, logSettings, until } from '../../../helpers/logs.ts'
import { ServerWorld } from '../world/server-world.ts'

const idle: ManagedLogs = {
  tick: () => undefined,
  takeDropped: () => [],
  countLost: () => undefined,
  reopen: () => Promise.resolve(),
  rotate: () => Promise.resolve(),
}

test(
  'the command rotates one log or all, without log_rotation too; what is empty or no file stays, and a ' +
    'failure is reported',
  async (t) => {
    const folder = directory(t)
    const path = (name: string): string => join(folder, name)
    const settings = logSettings({ accesslog: path('a.log'), errorlog: path('e.log'), applog: '-' })
    const events: ArbiterEvent[] = []
    const watch = watchLogs((event) => void events.push(event))
    const logs = await Logs.open(settings, sinkOpener({ watch, locks: noLocks, gid: undefined }))
    const { arbiter, queue } = await ServerWorld.serving({ options: { logs } })
    const rotations = (): number => events.filter(({ type }) => type === 'log_rotated').length

    logs.write('access', 'one\n')
    queue.put({ type: 'order', order: { type: 'rotate', log: 'access' } })
    await until(() => rotations() === 1)
    assert.match(readdirSync(folder).join(), /^a\.log,a\.log\.\d{4}-\d\d-\d\d\.0001,e\.log$/)
    logs.write('access', 'two\n')
    logs.write('error', 'wrong\n')
    queue.put({ type: 'order', order: { type: 'rotate', log: 'all' } })
    await until(() => rotations() === 3)
    queue.put({ type: 'order', order: { type: 'rotate', log: 'app' } }) // standard output
    queue.put({ type: 'order', order: { type: 'rotate', log: 'error' } }) // empty
    const texts = readdirSync(folder).map((name) => readFileSync(path(name), 'utf8'))
    assert.deepEqual(texts, ['', 'one\n', 'two\n', '', 'wrong\n'])
    assert.deepEqual(
      Object.values(arbiter.view.logs ?? {}).map(({ rotations, written }) => [rotations, written]),
      [
        [2, 8],
        [1, 6],
        [0, 0],
      ],
    )
    await logs.close()
    assert.equal(rotations(), 3)
    assert.ok(!events.some(({ type }) => type === 'log_rotation_failed'))
  },
)

test('a rotation on demand that fails is reported, and refused with the reason', async () => {
  const logs = { ...idle, rotate: () => Promise.reject(new Error('EACCES')) }
  const events: ArbiterEvent[] = []
  const result = await rotateLogs({ logs, emit: (event) => void events.push(event) }, 'all')
  assert.deepEqual(result, { taken: false, why: 'it could not be rotated: EACCES' })
  assert.ok(events[0]?.type === 'log_rotation_failed' && events[0].name === 'all')
})

test('log files are reopened, or the old ones stay open and the reason is reported', async () => {
  const events: ArbiterEvent[] = []
  const emit = (event: ArbiterEvent): void => void events.push(event)
  assert.deepEqual(await reopenLogs({ logs: idle, emit }), { taken: true })
  const broken = { ...idle, reopen: () => Promise.reject(new Error('EISDIR')) }
  const why = 'a log file could not be reopened, the old one stays open: EISDIR'
  assert.deepEqual(await reopenLogs({ logs: broken, emit }), { taken: false, why })
  assert.deepEqual(events, [{ type: 'logs_reopened' }, { type: 'warning', message: why }])
})

test('lost lines are reported for each log that has lost some', () => {
  const events: ArbiterEvent[] = []
  const dropped = { log: 'access', lines: 3 }
  reportDropped({ logs: { ...idle, takeDropped: () => [dropped] }, emit: (event) => void events.push(event) })
  assert.deepEqual(events, [{ type: 'log_dropped', dropped }])
})
