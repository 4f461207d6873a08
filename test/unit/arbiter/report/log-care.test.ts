// Rotation on demand, as the arbiter's queue takes it: no operator's tool sends it yet.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Arbiter } from '../../../../src/arbiter/loop/arbiter.ts'
import { CommandQueue } from '../../../../src/arbiter/model/commands.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import { watchLogs } from '../../../../src/arbiter/report/log-care.ts'
import { settingNames, settings as table, type Settings } from '../../../../src/config/settings/table.ts'
import { durationsOf } from '../../../../src/config/settings/durations.ts'
import { HookRunner } from '../../../../src/config/hooks/runner.ts'
import { noLocks } from '../../../../src/logging/files/file-locks.ts'
import { LogFiles } from '../../../../src/logging/files/log-files.ts'
import { sinkOpener } from '../../../../src/logging/files/open-sink.ts'
import { systemClock } from '../../../../src/os/system/clock.ts'
import { directory, logSettings, until } from '../../../helpers/logs.ts'

/** With no workers, and the settings' defaults. */
function emptyGeneration(): Generation {
  const settings = Object.fromEntries(
    settingNames.map((name) => [name, table[name].default]),
  ) as unknown as Settings // those of the table
  const nobody = { uid: undefined, gid: undefined, initgroups: undefined }
  const hooks = new HookRunner({
    sources: {},
    timeout: 1000,
    onFailure: ({ error }) => assert.fail(String(error)),
  })
  const origins = Object.fromEntries(
    settingNames.map((name) => [name, 'default']),
  ) as Generation['config']['origins'] // each has one
  const files = { file: null, codeFile: null, hookFiles: [], directory: '/', appFile: null }
  const config = {
    settings,
    durations: durationsOf(settings),
    origins,
    ...files,
    hooks: {},
    identity: nobody,
    warnings: [],
  }
  return { number: 1, config, hooks, codeStore: '', workers: 0, listeners: [] }
}

const listeners = { areShared: false, closeAll: () => undefined, hold: () => undefined }
const upgrade = { refusal: undefined, begin: () => undefined, heed: () => undefined }

test(
  'the command rotates one log or all, without log_rotation too; what is empty or no file stays, and a ' +
    'failure is told',
  async (t) => {
    const folder = directory(t)
    const path = (name: string): string => join(folder, name)
    const events: ArbiterEvent[] = []
    const report = (event: ArbiterEvent): void => void events.push(event)
    const settings = logSettings({ accesslog: path('a.log'), errorlog: path('e.log'), applog: '-' })
    const logs = await LogFiles.open(
      settings,
      sinkOpener({ watch: watchLogs(report), locks: noLocks, gid: undefined }),
    )
    const queue = new CommandQueue()
    const steps = {
      next: () => Promise.reject(new Error('no reload')),
      discard: () => undefined,
      renew: () => undefined,
    }
    const options = {
      queue,
      logs,
      report,
      steps,
      version: '0',
      listeners,
      upgrade,
      clock: systemClock,
      onSettings: () => undefined,
    }
    const arbiter = new Arbiter({ ...options, first: emptyGeneration(), onReady: () => undefined })
    const ended = arbiter.run()
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
    queue.put({ type: 'signal', signal: 'SIGTERM' })
    assert.equal(await ended, 0)
    await logs.close()
    assert.equal(rotations(), 3)
    assert.ok(!events.some(({ type }) => type === 'log_rotation_failed'))
  },
)

test('a rotation on demand that cannot be done is told as one that was due', async () => {
  const events: ArbiterEvent[] = []
  const queue = new CommandQueue()
  const failing = {
    rotate: () => Promise.reject(new Error('EACCES')),
    tick: () => undefined,
    takeDropped: () => [],
  }
  const steps = {
    next: () => Promise.reject(new Error('no reload')),
    discard: () => undefined,
    renew: () => undefined,
  }
  const arbiter = new Arbiter({
    queue,
    steps,
    version: '0',
    listeners,
    upgrade,
    clock: systemClock,
    onSettings: () => undefined,
    onReady: () => undefined,
    logs: failing as unknown as LogFiles, // the part of it that is asked
    report: (event) => void events.push(event),
    first: emptyGeneration(),
  })
  const ended = arbiter.run()
  queue.put({ type: 'order', order: { type: 'rotate', log: 'all' } })
  await until(() => events.some((event) => event.type === 'log_rotation_failed' && event.name === 'all'))
  queue.put({ type: 'signal', signal: 'SIGINT' })
  await ended
})
