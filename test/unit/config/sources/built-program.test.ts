// Modules and directories of a program that `tsgun build` has made.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { baseInBuild, inBuild } from '../../../../src/config/sources/built-program.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'

const built = {
  directory: '/build',
  place: '/srv',
  config: '/build/app/config.mjs',
  modules: {
    './app.ts': '/build/app/module-1.mjs',
    './hooks.ts': '/build/app/module-2.mjs',
    './lanes.ts': '/build/app/module-3.mjs',
  },
}

test('each module that the config names is that of the build, others stay what they are', () => {
  const values = {
    app: './app.ts:create()',
    hooks: ['./hooks.ts', './other.js'],
    import: 'dotenv/config',
    preload: './app.ts',
    worker_class: './lanes.ts:Lanes',
    tasks: { crunch: { module: './hooks.ts' } },
  }
  const { settings } = resolveSettings([{ where: 'test', values }], {})
  const { app, hooks, import: modules, preload, worker_class, tasks } = inBuild(settings, built)
  assert.deepEqual(
    { app, hooks, modules, preload, worker_class, task: tasks['crunch']?.module },
    {
      app: '/build/app/module-1.mjs:create()',
      hooks: ['/build/app/module-2.mjs', './other.js'],
      modules: 'dotenv/config',
      preload: '/build/app/module-1.mjs',
      worker_class: '/build/app/module-3.mjs:Lanes',
      task: '/build/app/module-2.mjs',
    },
  )
})

test('so are the modules of services', () => {
  const services = {
    live: { app: './app.ts:live', bind: ':1', worker_class: './lanes.ts', import: ['./hooks.ts'] },
    poller: { run: './hooks.ts' },
    feed: { command: './app.ts' },
  }
  const { settings } = resolveSettings([{ where: 'test', values: { services } }], {})
  const { live, poller, feed } = inBuild(settings, built).services
  assert.deepEqual(
    [live?.app, live?.worker_class, live?.import, poller?.run, feed?.command],
    [
      '/build/app/module-1.mjs:live',
      '/build/app/module-3.mjs',
      ['/build/app/module-2.mjs'],
      '/build/app/module-2.mjs',
      './app.ts',
    ],
  )
})

test('so are the modules of schedules', () => {
  const schedules = { cleanup: { cron: '0 3 * * *', run: './hooks.ts' } }
  const { settings } = resolveSettings([{ where: 'test', values: { schedules } }], {})
  const { cleanup } = inBuild(settings, built).schedules
  assert.deepEqual([cleanup?.run, cleanup?.cron], ['/build/app/module-2.mjs', '0 3 * * *'])
})

test('a class of tsgun and what is not set stay', () => {
  const { settings } = resolveSettings([], {})
  assert.deepEqual(inBuild(settings, built), settings)
})

test('paths start beside the program where chdir is the directory of the config', () => {
  const bases = ['/build/app', '/build', '/builder', '/', '/srv/other']
  assert.deepEqual(
    bases.map((base) => baseInBuild(base, built)),
    ['/srv', '/srv', '/builder', '/', '/srv/other'],
  )
})
