// What a reload needs before anything changes: its log files and its sockets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Generation } from '../../../../src/arbiter/model/generation.ts'
import { bindOf, CheckedSource } from '../../../../src/arbiter/reload/check.ts'
import { ConfigError } from '../../../../src/config/problems/problem.ts'
import { noSlots } from '../../../../src/listen/slot-sockets.ts'
import { BindError } from '../../../../src/listen/bind-error.ts'
import { LogOpenError } from '../../../../src/logging/files/logs.ts'
import { generationOf, socketOf } from '../world/generations.ts'

const socket = socketOf('unix:/a')

interface Faults {
  readonly log?: Error
  readonly bind?: Error
}

function sourceWith({ log, bind }: Faults): { source: CheckedSource; done: string[] } {
  const done: string[] = []
  const loader = {
    next: () => Promise.resolve(generationOf(2)),
    discard: ({ number }: Generation) => void done.push(`discard ${number}`),
    renew: () => void done.push('renew'),
  }
  const openQueues = (): Promise<readonly []> => Promise.resolve([])
  const logs = { check: () => (log ? Promise.reject(log) : Promise.resolve()) }
  const listeners = {
    open: () => (bind ? Promise.reject(bind) : Promise.resolve({ listeners: [socket], slots: noSlots() })),
  }
  return { source: new CheckedSource({ source: loader, logs, listeners, openQueues }), done }
}

test('a generation that can have its logs and sockets gets the sockets', async () => {
  const { source, done } = sourceWith({})
  const generation = await source.next()
  assert.deepEqual([generation.number, generation.listeners], [2, [socket]])
  source.renew()
  source.discard(generation)
  assert.deepEqual(done, ['renew', 'discard 2'])
})

test('a log or a socket that it cannot have is a mistake in that setting, and its code is removed', async () => {
  const log = new LogOpenError('accesslog', '/a.log', new Error('EACCES'))
  const faulty = sourceWith({ log })
  await assert.rejects(
    () => faulty.source.next(),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /accesslog: cannot open \/a\.log: EACCES/)
      return true
    },
  )
  assert.deepEqual(faulty.done, ['discard 2'])
  await assert.rejects(() => sourceWith({ bind: new BindError('in use') }).source.next(), /bind: in use/)
  const defect = new Error('a defect')
  await assert.rejects(() => sourceWith({ bind: defect }).source.next(), defect)
})

test('bind is known as the default, or as set', () => {
  const { config } = generationOf(1)
  const origins = { ...config.origins, bind: 'default' }
  assert.equal(bindOf({ config: { ...config, origins }, workers: 1 }).isDefault, true)
  const settings = { ...config.settings, bind: ':1' }
  assert.deepEqual(bindOf({ config: { ...config, settings }, workers: 3 }), {
    addresses: [':1'],
    isDefault: false,
    workers: 3,
    ofServices: [],
  })
})
