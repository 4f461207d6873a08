// A worker runs what its arbiter loaded, even if the files were edited or deleted since.
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { createProject, exportsOf } from '../../fixtures/modules/project.ts'

// Each entry imports every kind of local file that its kind can import.
const ENTRIES = {
  'TypeScript ES module': {
    entry: 'server.config.ts',
    type: 'module',
    files: {
      'server.config.ts': `import { ts } from './ts.js'; import { mjs } from './plain.mjs'; import cjs, { named } from './plain.cjs'; import json from './data.json'
        export const result = { ts, mjs, cjs: cjs.named, named, json }`,
    },
  },
  'TypeScript CommonJS module': {
    entry: 'server.config.ts',
    type: 'commonjs',
    files: {
      'server.config.ts': `import { ts } from './ts'; import { mjs } from './plain.mjs'; import cjs, { named } from './plain.cjs'; import json from './data.json'
        export const result = { ts, mjs, cjs: cjs.named, named, json }`,
    },
  },
  'plain ES module': {
    entry: 'server.config.mjs',
    type: 'commonjs',
    files: {
      'server.config.mjs': `import { ts } from './ts.ts'; import { mjs } from './plain.mjs'; import cjs, { named } from './plain.cjs'; import json from './data.json' with { type: 'json' }
        export const result = { ts, mjs, cjs: cjs.named, named, json }`,
    },
  },
  'plain CommonJS module': {
    entry: 'server.config.cjs',
    type: 'module',
    files: {
      'server.config.cjs': `const { ts } = require('./ts.ts'), { mjs } = require('./plain.mjs'), cjs = require('./plain.cjs')
        exports.result = { ts, mjs, cjs: cjs.named, named: cjs.named, json: require('./data.json') }`,
    },
  },
} as const

const SHARED = {
  'ts.ts': 'export enum Value { A = "old" }; export const ts = Value.A',
  'plain.mjs': 'export const mjs = "old"',
  'plain.cjs': 'const deep = require("./deep.cjs"); exports.named = deep.value',
  'deep.cjs': 'exports.value = "old"',
  'data.json': '{ "value": "old" }',
}
const OLD = { ts: 'old', mjs: 'old', cjs: 'old', named: 'old', json: { value: 'old' } }

for (const [title, { entry, type, files }] of Object.entries(ENTRIES)) {
  test(
    'a worker runs the config as its arbiter loaded it after all files were edited ' + `(${title})`,
    async (t) => {
      const project = createProject(t, { ...SHARED, ...files, 'package.json': JSON.stringify({ type }) })
      const store = project.store()
      const [inArbiter] = await project.arbiter(store, entry)
      assert.deepEqual(exportsOf(inArbiter).result, OLD)
      for (const name of Object.keys(SHARED))
        project.write({ [name]: SHARED[name as keyof typeof SHARED].replace('old', 'new') })
      const [untouchedEntry] = await project.worker(store, entry)
      assert.deepEqual(exportsOf(untouchedEntry).result, OLD)
      project.write({ [entry]: 'syntax error(' })
      const [inWorker] = await project.worker(store, entry)
      assert.deepEqual(exportsOf(inWorker).result, OLD)
    },
  )

  test(
    'a worker runs the config as its arbiter loaded it after all files were deleted ' + `(${title})`,
    async (t) => {
      const project = createProject(t, { ...SHARED, ...files, 'package.json': JSON.stringify({ type }) })
      const store = project.store()
      await project.arbiter(store, entry)
      project.remove(entry, ...Object.keys(SHARED))
      const [inWorker] = await project.worker(store, entry)
      assert.deepEqual(exportsOf(inWorker).result, OLD)
    },
  )
}

test('hook scripts, the config and what a hook imports later are recorded', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'export const result = "config"',
    'hook.ts': 'export const call = async () => (await import("./late.ts")).late',
    'late.ts': 'export const late: string = "old"',
  })
  const store = project.store()
  const [, hook] = await project.arbiter(store, 'server.config.ts', 'hook.ts')
  assert.equal(exportsOf(hook).called, 'old')
  project.remove('server.config.ts', 'hook.ts', 'late.ts')
  const [config, again] = await project.worker(store, 'server.config.ts', 'hook.ts')
  assert.equal(exportsOf(config).result, 'config')
  assert.equal(exportsOf(again).called, 'old')
})

test('what the arbiter loaded takes precedence over what precompile finds on disk later', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'import { value } from "./shared"; export const result = value',
    'app.ts': 'import { value } from "./shared"; export const result = value',
    'shared.ts': 'export const value: string = "old"',
  })
  const store = project.store()
  await project.run(
    { do: 'begin', store },
    { do: 'load', file: project.path('server.config.ts') },
    { do: 'write', file: project.path('shared.ts'), text: 'export const value: string = "new"' },
    { do: 'precompile', file: project.path('app.ts') },
  )
  const [config, app] = await project.worker(store, 'server.config.ts', 'app.ts')
  assert.deepEqual([exportsOf(config).result, exportsOf(app).result], ['old', 'old'])
})

test('a worker runs its own release after the link to the current release was switched', async (t) => {
  const project = createProject(
    t,
    Object.fromEntries(['v1', 'v2'].flatMap((release) => releaseFiles(release))),
  )
  symlinkSync('v1', project.path('current'))
  const [config, app] = ['server.config.ts', 'app.ts'].map((name) => project.path(`current/${name}`))
  const store = project.store()
  await project.run({ do: 'begin', store }, { do: 'load', file: config }, { do: 'precompile', file: app })
  project.remove('current')
  symlinkSync('v2', project.path('current'))
  const results = await project.worker(store, 'current/server.config.ts', 'current/app.ts')
  assert.deepEqual(
    results.map((result) => exportsOf(result).result),
    ['v1', 'v1'],
  )
})

function releaseFiles(release: string): readonly (readonly [string, string])[] {
  return [
    [`${release}/package.json`, '{"type":"module"}'],
    [`${release}/server.config.ts`, `export const result: string = '${release}'`],
    [`${release}/app.ts`, 'import { value } from "./value"; export const result = value'],
    [`${release}/value.ts`, `export const value: string = '${release}'`],
  ]
}

test('a worker without its store fails instead of running other code', async (t) => {
  const project = createProject(t, { 'server.config.mjs': 'export const result = 1' })
  const [opened] = await project.run({ do: 'worker', store: `${project.directory}/gone` })
  assert.match(opened?.error?.message ?? '', /the module store .*gone no longer exists.*reload the server/)
})
