// The arbiter loads the config again in the same process with all changes; a failed load changes nothing.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, exportsOf } from '../../fixtures/modules/project.ts'

const CASES = {
  'TypeScript ES modules': {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'import { value } from "./lib/value"; export const result = value',
    'lib/value.ts': 'import { deep } from "./deep.js"; export const value: string = deep',
    'lib/deep.ts': 'export const deep: string = "VALUE"',
  },
  'TypeScript CommonJS modules': {
    'package.json': '{"type":"commonjs"}',
    'server.config.ts': 'import { value } from "./lib/value"; export const result = value',
    'lib/value.ts': 'import { deep } from "./deep"; export const value: string = deep',
    'lib/deep.ts': 'export const deep: string = "VALUE"',
  },
  'plain ES modules': {
    'package.json': '{"type":"module"}',
    'server.config.js': 'import { value } from "./lib/value.js"; export const result = value',
    'lib/value.js': 'import deep from "./deep.json" with { type: "json" }; export const value = deep.deep',
    'lib/deep.json': '{"deep":"VALUE"}',
  },
  'plain CommonJS modules': {
    'package.json': '{}',
    'server.config.js': 'exports.result = require("./lib/value").value',
    'lib/value.js': 'exports.value = require("./deep.json").deep',
    'lib/deep.json': '{"deep":"VALUE"}',
  },
  'an ES module that imports CommonJS': {
    'package.json': '{"type":"module"}',
    'server.config.ts':
      'import { value } from "./lib/value.cts"; import plain from "./lib/plain.cjs"; export const ' +
      'result = value === plain.value ? value : "different"',
    'lib/value.cts': 'import { deep } from "./deep.cjs"; export const value: string = deep',
    'lib/plain.cjs': 'exports.value = require("./deep.cjs").deep',
    'lib/deep.cjs': 'exports.deep = "VALUE"',
  },
  'CommonJS that requires ES modules': {
    'package.json': '{"type":"commonjs"}',
    'server.config.ts':
      'import { value } from "./lib/value.mjs"; import { plain } from "./lib/plain.mjs"; export const ' +
      'result = value === plain ? value : "different"',
    'lib/value.mts': 'import { deep } from "./deep.mjs"; export const value: string = deep',
    'lib/plain.mjs': 'import { deep } from "./deep.mjs"; export const plain = deep',
    'lib/deep.mjs': 'export const deep = "VALUE"',
  },
}

for (const [title, files] of Object.entries(CASES)) {
  test(`each generation loads the current files: ${title}`, async (t) => {
    const at = (value: string): Record<string, string> =>
      Object.fromEntries(Object.entries(files).map(([name, text]) => [name, text.replace('VALUE', value)]))
    const project = createProject(t, at('one'))
    const entry = Object.keys(files).find((name) => name.startsWith('server.config')) ?? ''
    const deep = Object.keys(files).find((name) => name.startsWith('lib/deep')) ?? ''
    const stores = ['1', '2', '3', '4'].map((name) => project.store(name))
    const write = (text: string) => ({ do: 'write', file: project.path(deep), text })
    const load = [{ do: 'load', file: project.path(entry) }]
    const results = await project.run(
      ...[{ do: 'begin', store: stores[0] }, ...load],
      ...[write(at('two')[deep] ?? ''), { do: 'begin', store: stores[1] }, ...load],
      ...[write('this is (no code'), { do: 'begin', store: stores[2] }, ...load],
      ...[write(at('four')[deep] ?? ''), { do: 'begin', store: stores[3] }, ...load],
    )
    const [one, two, three, four] = [1, 4, 7, 10].map((nr) => results[nr])
    assert.equal(exportsOf(one).result, 'one')
    assert.equal(exportsOf(two).result, 'two')
    assert.ok(three?.error !== undefined, 'a broken file fails its generation')
    assert.equal(exportsOf(four).result, 'four')
    for (const [store, value] of [
      [stores[0], 'one'],
      [stores[1], 'two'],
      [stores[3], 'four'],
    ] as const) {
      const [inWorker] = await project.worker(store ?? '', entry)
      assert.equal(exportsOf(inWorker).result, value)
    }
  })
}

test('a package is loaded once for all generations', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'import { count } from "counter"; export const result = count',
    'node_modules/counter/package.json': '{"name":"counter","type":"module","exports":"./index.js"}',
    'node_modules/counter/index.js':
      'globalThis.loads = (globalThis.loads ?? 0) + 1; export const count = globalThis.loads',
  })
  const load = { do: 'load', file: project.path('server.config.ts') }
  const [, first, , second] = await project.run(
    { do: 'begin', store: project.store('1') },
    load,
    { do: 'begin', store: project.store('2') },
    load,
  )
  assert.deepEqual([exportsOf(first).result, exportsOf(second).result], [1, 1])
})

test('a module that moved from x.js to x/index.js is found by the next generation', async (t) => {
  const project = createProject(t, {
    'server.config.cjs': 'exports.result = require("./x")',
    'x.js': 'module.exports = "file"',
    'x/unused.txt': '',
  })
  const load = { do: 'load', file: project.path('server.config.cjs') }
  const results = await project.run(
    ...[{ do: 'begin', store: project.store('1') }, load],
    { do: 'remove', file: project.path('x.js') },
    { do: 'write', file: project.path('x/index.js'), text: 'module.exports = "directory"' },
    ...[{ do: 'begin', store: project.store('2') }, load],
  )
  assert.deepEqual([exportsOf(results[1]).result, exportsOf(results[5]).result], ['file', 'directory'])
})

test('import.meta.url shows a reload in the arbiter, never in a worker', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'export const result = [import.meta.url, import.meta.filename]',
  })
  const file = project.path('server.config.ts')
  const stores = [project.store('1'), project.store('2')] as const
  const [, first, , second] = await project.run(
    { do: 'begin', store: stores[0] },
    { do: 'load', file },
    { do: 'begin', store: stores[1] },
    { do: 'load', file },
  )
  assert.deepEqual(exportsOf(first).result, [`file://${file}`, file])
  assert.deepEqual(exportsOf(second).result, [`file://${file}?tsgun-generation=2`, file])
  const [inWorker] = await project.worker(stores[1], 'server.config.ts')
  assert.deepEqual(exportsOf(inWorker).result, [`file://${file}`, file])
})

test('hooks of the running generation can import after a failed reload whose store was removed', async (t) => {
  for (const type of ['module', 'commonjs']) {
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'server.config.ts': 'globalThis.late = () => import("./late"); export const result = 1',
      'late.ts': 'export const late: string = "late"',
      'broken.ts': 'export const = 1',
    })
    const stores = [project.store(`${type}1`), project.store(`${type}2`)] as const
    const file = project.path('server.config.ts')
    const results = await project.run(
      ...[
        { do: 'begin', store: stores[0] },
        { do: 'load', file },
      ],
      ...[
        { do: 'begin', store: stores[1] },
        { do: 'load', file: project.path('broken.ts') },
        { do: 'remove', file: stores[1] },
      ],
      { do: 'call', name: 'late' },
    )
    assert.equal(results[3]?.error?.name, 'SyntaxError')
    assert.equal(exportsOf(results[5]).late, 'late')
  }
})
