// The order of a start: events and hooks.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { start } from '../../../../src/arbiter/start/start.ts'
import type { Listener } from '../../../../src/listen/listener.ts'
import { ServerWorld } from '../world/server-world.ts'
import { generationOf, socketOf } from '../world/generations.ts'

test('a start reports itself, runs the hooks in order, and opens the sockets between them', async () => {
  const done: string[] = []
  const hook = (name: string) => [
    { file: 'a', hook: (...given: readonly unknown[]) => void done.push(`${name} ${given.slice(1).join()}`) },
  ]
  const facts = {
    settings: { workers: 3 },
    hooks: {
      nworkers_changed: hook('nworkers_changed'),
      on_starting: hook('on_starting'),
      when_ready: hook('when_ready'),
    },
  }
  const listeners: Listener[] = []
  const loaded = generationOf(1, facts)
  const first = { ...loaded, listeners, config: { ...loaded.config, warnings: ['take care'] } }
  const { arbiter } = new ServerWorld(facts)
  const hasStarted = await start(arbiter, first, {
    preload: () => Promise.resolve(done.push('preload') > 0),
    open: () => {
      done.push('open')
      listeners.push(socketOf('unix:/a'))
      return Promise.resolve()
    },
    emit: (event) => void done.push(event.type === 'listening' ? event.urls.join() : event.type),
    version: '1',
    logs: { access: 'none' },
  })
  assert.deepEqual(done, [
    'starting',
    'warning',
    'nworkers_changed 3,',
    'on_starting ',
    'preload',
    'open',
    `unix:/a (master pid ${process.pid})`,
    'when_ready ',
  ])
  assert.equal(hasStarted, true)
})

test('a start that is stopped during preload() opens no socket', async () => {
  const { arbiter } = new ServerWorld()
  const hasStarted = await start(arbiter, generationOf(1), {
    preload: () => Promise.resolve(false),
    open: () => Promise.reject(new Error('it is opened')),
    emit: () => undefined,
    version: '1',
    logs: {},
  })
  assert.equal(hasStarted, false)
})
