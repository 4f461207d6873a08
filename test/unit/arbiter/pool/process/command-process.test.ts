// A foreign program as a pool knows its processes, with a program that is none.

import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { test } from 'node:test'
import type { ProcessEnd } from '../../../../../src/arbiter/model/death/process-end.ts'
import type { CommandStart, WorkerProcess } from '../../../../../src/arbiter/model/system.ts'
import { commandStarter } from '../../../../../src/arbiter/pool/process/command-process.ts'
import type { CommandHandlers, CommandOptions } from '../../../../../src/os/process/spawn-command.ts'
import { eventually } from '../../../../helpers/wait.ts'
import { settingsWith } from '../../world/generations.ts'

interface Made {
  readonly process: WorkerProcess
  readonly options: CommandOptions
  readonly program: CommandHandlers
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  readonly signals: string[]
  readonly messages: string[]
  readonly ends: ProcessEnd[]
  readonly lines: string[]
  readonly troubles: string[]
}

function started(changes: Partial<CommandStart> = {}, pid: number | null = 77): Made {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const signals: string[] = []
  const messages: string[] = []
  const ends: ProcessEnd[] = []
  const lines: string[] = []
  const troubles: string[] = []
  const spawned: { options: CommandOptions; program: CommandHandlers }[] = []
  const start = commandStarter(
    { write: (log, text) => void lines.push(`${log} ${text}`) },
    (options, program) => {
      spawned.push({ options, program })
      const streams = pid === null ? { stdout: null, stderr: null } : { stdout, stderr }
      return { pid: pid ?? undefined, ...streams, signal: (name) => void signals.push(name) }
    },
  )
  const process = start(
    {
      name: 'feed',
      nr: 0,
      words: ['feed', '-v'],
      directory: '/srv',
      environment: { A: '1' },
      identity: { uid: 5, gid: 6 },
      ready: undefined,
      stopSignal: 'SIGINT',
      settings: settingsWith({}),
      color: false,
      ...changes,
    },
    {
      onMessage: ({ type }) => void messages.push(type),
      onUnknownMessage: () => undefined,
      onChannelClosed: () => undefined,
      onGarbage: () => undefined,
      onTrouble: (reason) => void troubles.push(reason),
      onEnd: (end) => void ends.push(end),
    },
  )
  const [first] = spawned
  assert.ok(first)
  return { process, ...first, stdout, stderr, signals, messages, ends, lines, troubles }
}

async function ends(made: Made, ...end: Parameters<CommandHandlers['onEnd']>): Promise<ProcessEnd> {
  made.stdout.end()
  made.stderr.end()
  made.program.onEnd(...end)
  return eventually('its end', () => made.ends[0])
}

test('it gets its words, its environment and its user, and is ready as its service says', async () => {
  const made = started({ ready: { line: 'up' } })
  const { words, directory, environment, uid, gid } = made.options
  assert.deepEqual([words, directory, environment, uid, gid], [['feed', '-v'], '/srv', { A: '1' }, 5, 6])
  assert.deepEqual(made.messages, ['hello'])
  made.stdout.write('it is up\n')
  await eventually('it is ready', () => (made.messages.length > 1 ? true : undefined))
  assert.deepEqual(made.messages, ['hello', 'ready'])
  assert.match(made.lines.join(''), /app .*it is up/)
})

test('an order to end is its signal, once reported; a kill is SIGKILL', async () => {
  const made = started()
  made.process.send({ type: 'retire', within: 1000, last: false, reason: 'reload' })
  made.process.send({ type: 'quit', reason: 'quit' })
  made.process.kill()
  assert.deepEqual(made.signals, ['SIGINT', 'SIGINT', 'SIGKILL'])
  assert.deepEqual(made.messages, ['hello', 'ready', 'shut'])
  const end = await ends(made, 3, null)
  assert.deepEqual([end.code, end.signal, end.foreign], [0, null, true], 'any code is orderly')
})

test('its end by its signal is orderly when it was asked; by itself it is not', async () => {
  const asked = started()
  asked.process.send({ type: 'quit', reason: 'quit' })
  assert.equal((await ends(asked, null, 'SIGINT')).code, 0)
  const killed = started()
  killed.process.send({ type: 'quit', reason: 'quit' })
  assert.equal((await ends(killed, null, 'SIGKILL')).signal, 'SIGKILL')
  const crashed = started()
  crashed.stderr.write('no feed today\n')
  await turn()
  const end = await ends(crashed, 1, null)
  assert.deepEqual([end.code, end.lastLines], [1, ['no feed today']])
})

test('one that cannot be started ends with the reason, and is never ready', async () => {
  const made = started({}, null)
  assert.equal(made.process.pid, null)
  assert.deepEqual(made.messages, [])
  const error = new Error('there is no program "feed"')
  assert.deepEqual(await ends(made, null, null, error), { code: null, signal: null, error })
})

test('without a guard it runs, and that is reported', () => {
  const made = started()
  made.program.onUnguarded('spawn /bin/sh ENOENT')
  assert.match(made.troubles[0] ?? '', /lives on if the master is killed.*ENOENT/)
})
