// Which modules of a config become part of a build, and which packages are copied.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { entryModules } from '../../../src/build/entries.ts'
import { hasAddon, PackageCopier, packageOf } from '../../../src/build/packages.ts'
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
  return {
    name,
    kind: 'app',
    own: {},
    nodeFlags: { flags: [], nodeOptions: undefined },
    preloads: [],
    classFile: null,
    appFile: name === 'feed' ? null : `/${name}.ts`,
    appPath: null,
    processes: 1,
    stopsFirst: false,
    after: [],
    critical: false,
    reload: 'always',
    command: [],
    ready: undefined,
    stopSignal: 'SIGTERM',
  }
}

function project(t: TestContext, files: Readonly<Record<string, string>>): string {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-packages-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), text)
  }
  return path
}

test('a package is copied with what it needs, two versions of one beside each other', (t) => {
  const manifest = (name: string, dependencies: object): string => JSON.stringify({ name, dependencies })
  const path = project(t, {
    'node_modules/a/package.json': manifest('a', { b: '1', '@c/d': '1', absent: '1', left: '1' }),
    'node_modules/a/index.js': '',
    'node_modules/a/index.d.ts': '',
    'node_modules/a/readme.md': '',
    'node_modules/b/package.json': manifest('b', {}),
    'node_modules/left/package.json': manifest('left', {}),
    'node_modules/@c/d/package.json': manifest('@c/d', { b: '2' }),
    'node_modules/@c/d/node_modules/b/package.json': manifest('b', { a: '1' }),
  })
  const copier = new PackageCopier(join(path, 'out'), ['left'])
  copier.copy(join(path, 'node_modules/a'))
  const copied = readdirSync(join(path, 'out'), { recursive: true, encoding: 'utf8' })
  assert.deepEqual(copied.filter((file) => /\.(?:json|js|ts|md)$/.test(file)).sort(), [
    '@c/d/node_modules/b/package.json',
    '@c/d/package.json',
    'a/index.js',
    'a/package.json',
    'b/package.json',
  ])
})

test('a package has a native addon by itself, or by one for the platform', (t) => {
  const path = project(t, {
    'node_modules/own/package.json': '{}',
    'node_modules/own/build/Release/own.node': '',
    'node_modules/by/package.json': '{ "optionalDependencies": { "@by/linux": "1", "@by/other": "1" } }',
    'node_modules/@by/linux/package.json': '{}',
    'node_modules/@by/linux/by.node': '',
    'node_modules/none/package.json': '{}',
    'node_modules/none/node_modules/own/own.node': '',
  })
  const found = ['own', 'by', 'none'].map((name) => hasAddon(join(path, 'node_modules', name)))
  assert.deepEqual(found, [true, true, false])
  assert.deepEqual(packageOf('/x/node_modules/@by/linux/lib/a.js'), {
    name: '@by/linux',
    directory: '/x/node_modules/@by/linux',
  })
  assert.equal(packageOf('/x/src/a.js'), undefined)
})
