// Which modules of a config become part of a build.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { servicePlan } from '../arbiter/world/generations.ts'
import { entryModules } from '../../../src/build/entries.ts'
import type { ServicePlan } from '../../../src/config/sources/service-plans.ts'
import { resolveSettings } from '../../../src/config/sources/resolve.ts'

test('every module that a config names is an entry, each once', () => {
  const values = {
    app: './app.ts:app',
    hooks: ['./one.ts', './two.ts'],
    preload: './app.ts',
    worker_class: './lanes.ts:Lanes',
    tasks: { crunch: { module: './crunch.ts' } },
    services: {
      live: { app: './live.ts:app', bind: '127.0.0.1:1' },
      poller: { run: './poller.ts' },
      feed: { command: 'feed' },
    },
    schedules: { cleanup: { cron: '0 3 * * *', run: './cleanup.ts' } },
  }
  const { settings } = resolveSettings([{ where: 'test', values }], {})
  const plan = { ...settings.tasks['crunch'], name: 'crunch', file: '/crunch.ts' }
  const found = entryModules({
    settings,
    directory: '/',
    appFile: '/app.ts',
    hookFiles: ['/one.ts', '/two.ts'],
    preloads: [{ specifier: './otel.ts', file: '/otel.ts' }],
    preloadFile: '/app.ts',
    classFile: '/lanes.ts',
    services: ['live', 'poller', 'feed'].map(serviceOf),
    schedules: [serviceOf('cleanup')],
    tasks: [{ ...plan, processes: 1, timeout: 0, max_queue: 1, max_tasks: 0, max_memory: 0, attempts: 1 }],
  })
  assert.deepEqual(
    found.map(({ module, file }) => `${module} ${file}`),
    [
      './app.ts /app.ts',
      './one.ts /one.ts',
      './two.ts /two.ts',
      './otel.ts /otel.ts',
      './lanes.ts /lanes.ts',
      './crunch.ts /crunch.ts',
      './live.ts /live.ts',
      './poller.ts /poller.ts',
      './cleanup.ts /cleanup.ts',
    ],
  )
})

function serviceOf(name: string): ServicePlan {
  return servicePlan(name, { kind: 'app', appFile: name === 'feed' ? null : `/${name}.ts` })
}
