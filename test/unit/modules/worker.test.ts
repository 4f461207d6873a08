// The cost of a worker: nothing is compiled twice, plain JavaScript is not changed, and a file is one module.
import assert from 'node:assert/strict'
import { readdirSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { createProject, exportsOf } from '../../fixtures/modules/project.ts'

test('a worker of a precompiled app loads neither esbuild nor esbuild-register', async (t) => {
  for (const type of ['module', 'commonjs']) {
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'app.ts': 'import { a } from "./a"; export const result = a',
      'a.ts': 'export const a: number = 1',
    })
    const store = project.store()
    await project.run({ do: 'begin', store }, { do: 'precompile', file: project.path('app.ts') })
    const before = readdirSync(store)
    const results = await project.run(
      ...[
        { do: 'worker', store },
        { do: 'load', file: project.path('app.ts') },
      ],
      ...[
        { do: 'loaded', package: 'esbuild' },
        { do: 'loaded', package: 'esbuild-register' },
      ],
    )
    assert.equal(exportsOf(results[1]).result, 1)
    assert.deepEqual(results.slice(2), [{ value: false }, { value: false }])
    assert.deepEqual(readdirSync(store), before, 'the worker had nothing to compile')
  }
})

test('no process of esbuild is left in the arbiter after precompile', async (t) => {
  const project = createProject(t, { 'package.json': '{}', 'app.ts': 'export const result = 1' })
  const results = await project.run(
    { do: 'begin', store: project.store() },
    { do: 'precompile', file: project.path('app.ts') },
    { do: 'children' },
  )
  assert.deepEqual(results[2], { value: 0 })
})

test('a CommonJS file that was not compiled before is compiled by esbuild-register', async (t) => {
  const project = createProject(t, { 'package.json': '{}', 'app.ts': 'export const result: number = 1' })
  const load = { do: 'load', file: project.path('app.ts') }
  const results = await project.run({ do: 'begin', store: project.store() }, load, {
    do: 'loaded',
    package: 'esbuild-register',
  })
  assert.deepEqual(results[2], { value: true })
})

test('plain JavaScript runs in a worker without hooks and without source maps', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.js': 'import { value } from "./value.js"; export const result = value',
    'value.js': 'export const value = 1',
    'app.cjs':
      'module.exports = Object.assign(() => {}, { result: Object.keys(require("node:module")._extensions) })',
  })
  const store = project.store()
  await project.arbiter(store, 'server.config.js')
  const files = ['server.config.js', 'app.cjs'].map((name) => ({ do: 'load', file: project.path(name) }))
  const [, config, app, sourceMaps] = await project.run({ do: 'worker', store }, ...files, {
    do: 'sourceMaps',
  })
  assert.equal(exportsOf(config).result, 1)
  const handlers = exportsOf(app).result as readonly string[]
  assert.ok(!handlers.includes('.tsx'), 'require has only the handlers of Node')
  assert.notEqual(sourceMaps?.value, true)
})

test('a plain JavaScript file of the app is not recorded', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'server.config.ts': 'export const result: number = 1',
    'app.js': 'import { a } from "./a.cjs"; export const result = a',
    'a.cjs': 'exports.a = "old"',
  })
  const store = project.store()
  await project.arbiter(store, 'server.config.ts')
  const before = readdirSync(store)
  await project.worker(store, 'app.js')
  assert.deepEqual(readdirSync(store), before)
  project.write({ 'a.cjs': 'exports.a = "new"' })
  const [, app] = await project.worker(store, 'server.config.ts', 'app.js')
  assert.equal(exportsOf(app).result, 'new')
})

for (const [type, other] of [
  ['module', 'cts'],
  ['commonjs', 'mts'],
  [undefined, 'mts'],
] as const) {
  test(`hooks and app share one instance of a local module (${type ?? 'no type'})`, async (t) => {
    const uses = (
      name: string,
    ): string => `import { state } from './state'; import { other } from './other.${other}'; import { plain } from './plain.cjs'
      import data from './data.json'
      state.seen.push('${name}'); other.seen.push('${name}'); plain.seen.push('${name}'); export const result = { state, other, plain, data }`
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'hooks.ts': uses('hooks'),
      'app.ts': uses('app'),
      'state.ts': 'export const state = { seen: [] as string[] }',
      [`other.${other}`]: 'export const other = { seen: [] as string[] }',
      'plain.cjs': 'exports.plain = { seen: [] }',
      'data.json': '{}',
      'opposite.mts':
        'import { state } from "./state"; import { other } from "./other.' +
        other +
        '"; export const result = { state, other }',
      'opposite.cts':
        'import { state } from "./state"; import { other } from "./other.' +
        other +
        '"; export const result = { state, other }',
    })
    const store = project.store()
    await project.run(
      { do: 'begin', store },
      { do: 'load', file: project.path('hooks.ts') },
      { do: 'precompile', file: project.path('app.ts') },
    )
    const [, app, esm, cjs] = await project.worker(
      store,
      'hooks.ts',
      'app.ts',
      'opposite.mts',
      'opposite.cts',
    )
    const seen = { seen: ['hooks', 'app'] }
    assert.deepEqual(exportsOf(app).result, { state: seen, other: seen, plain: seen, data: {} })
    for (const result of [esm, cjs]) assert.deepEqual(exportsOf(result).result, { state: seen, other: seen })
  })
}

test('two workers that compile the same file at once leave a complete store', async (t) => {
  const names = Array.from({ length: 12 }, (_, nr) => `m${nr}.ts`)
  const project = createProject(t, {
    'package.json': '{}',
    'server.config.json': '{}',
    'app.ts':
      `${names.map((name, nr) => `import { value as v${nr} } from ` + `'./${name}'`).join('\n')}\nexport ` +
      `const result = [${names.map((_, nr) => `v${nr}`).join()}]`,
    ...Object.fromEntries(
      names.map((name, nr) => [name, `export enum E { A = ${nr} }; export const value = E.A`]),
    ),
  })
  const store = project.store()
  await project.arbiter(store, 'server.config.json')
  const both = await Promise.all([1, 2, 3].map(() => project.worker(store, 'app.ts')))
  const wanted = names.map((_, nr) => nr)
  for (const [result] of both) assert.deepEqual(exportsOf(result).result, wanted)
  assert.deepEqual(
    readdirSync(store).filter((name) => name.includes('.')),
    [],
    'no temporary file is left',
  )
  project.write({ 'm0.ts': 'export const value = "edited"' })
  const [later] = await project.worker(store, 'app.ts')
  assert.deepEqual(exportsOf(later).result, wanted)
})

test('precompile ignores a syntax error of the app and compiles the rest; the worker reports it', async (t) => {
  for (const type of ['module', 'commonjs']) {
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'app.ts':
        'import { good } from "./good"; export const result = good; export const call = () => ' +
        'import("./bad").catch((error: Error) => error.message)',
      'good.ts': 'export const good: string = "old"',
      'bad.ts': 'import "./good"\nexport const x: = 1',
    })
    const store = project.store()
    const results = await project.run(
      { do: 'begin', store },
      { do: 'precompile', file: project.path('app.ts') },
    )
    assert.deepEqual(results[1], {})
    project.write({ 'good.ts': 'export const good: string = "new"' })
    const [app] = await project.worker(store, 'app.ts')
    assert.equal(exportsOf(app).result, 'old')
    assert.match(String(exportsOf(app).called), /bad\.ts:2:17: Unexpected "="/)
  }
})

test('precompile ignores a syntax error in the entry and a missing entry', async (t) => {
  const project = createProject(t, { 'package.json': '{}', 'app.ts': 'export const x: = 1' })
  const store = project.store()
  const results = await project.run(
    { do: 'begin', store },
    ...['app.ts', 'gone.ts'].map((name) => ({ do: 'precompile', file: project.path(name) })),
  )
  assert.deepEqual(results, [{}, {}, {}])
  const [app] = await project.worker(store, 'app.ts')
  assert.match(app?.error?.message ?? '', /app\.ts:1:17: Unexpected "="/)
})

test('a precompiled graph may have CommonJS and ES modules', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'app.ts':
      'import { sub } from "./sub/index"; import { cts } from "./c.cts"; import { js } from ' +
      '"./plain.js"; export const result = [sub, cts, js, typeof require]',
    'sub/package.json': '{"type":"commonjs"}',
    'sub/index.ts': 'import { m } from "../m.mts"; export const sub = [typeof require, m]',
    'm.mts': 'export const m: string = typeof require',
    'c.cts': 'import plain = require("./plain.cjs"); export const cts: string = plain.name',
    'plain.cjs': 'exports.name = "plain"',
    'plain.js': 'export const js = "js"',
  })
  const store = project.store()
  await project.run({ do: 'begin', store }, { do: 'precompile', file: project.path('app.ts') })
  project.remove('app.ts', 'sub/index.ts', 'm.mts', 'c.cts')
  const [app] = await project.worker(store, 'app.ts')
  assert.deepEqual(exportsOf(app).result, [['function', 'undefined'], 'plain', 'js', 'undefined'])
})

test('the exports of a CommonJS module are its default and its names', async (t) => {
  const project = createProject(t, {
    'package.json': '{}',
    'function.cjs': 'module.exports = Object.assign(() => 1, { extra: 1 })',
    'object.js': 'exports.a = 1; exports["b" + 1] = 2',
    'compiled.js':
      'Object.defineProperty(exports, "__esModule", { value: true }); exports.default = "the default"; ' +
      'exports.a = 1',
    'number.cjs': 'module.exports = 5',
  })
  const [called, object, compiled, number] = await project.arbiter(
    project.store(),
    'function.cjs',
    'object.js',
    'compiled.js',
    'number.cjs',
  )
  assert.deepEqual(exportsOf(called), { extra: 1 })
  assert.deepEqual(exportsOf(object), { default: { a: 1, b1: 2 }, a: 1, b1: 2 })
  assert.deepEqual(exportsOf(compiled), { default: 'the default', a: 1 })
  assert.deepEqual(exportsOf(number), { default: 5 })
})

test('a package of a workspace, linked into node_modules, is local code', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'app.ts': 'import { linked } from "linked"; export const result = linked',
    'packages/linked/package.json': '{"name":"linked","type":"module","exports":"./index.ts"}',
    'packages/linked/index.ts': 'export enum Value { A = 3 }; export const linked = Value.A',
    'node_modules/other/index.js': '',
  })
  symlinkSync('../packages/linked', project.path('node_modules/linked'))
  const store = project.store()
  await project.run({ do: 'begin', store }, { do: 'precompile', file: project.path('app.ts') })
  const [app] = await project.worker(store, 'app.ts')
  assert.equal(exportsOf(app).result, 3)
})

test('an import with a query is another module, as in Node', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'app.ts':
      'import { id as a } from "./a.ts"; import { id as b } from "./a.ts?other"; export const result = ' +
      '[a === b, b.endsWith("?other")]',
    'a.ts': 'export const id: string = import.meta.url',
  })
  const [app] = await project.arbiter(project.store(), 'app.ts')
  assert.deepEqual(exportsOf(app).result, [false, true])
})

test('a path with spaces, percent signs and other letters works', async (t) => {
  for (const type of ['module', 'commonjs']) {
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'a b/50% #1/ä.ts':
        'import { fail } from "./q"; export const result = [import.meta.filename, fail().stack]',
      'a b/50% #1/q.ts': 'type Nothing = never\nexport const fail = () => new Error("on purpose")',
    })
    const store = project.store(`store ${type}`)
    const [inArbiter] = await project.arbiter(store, 'a b/50% #1/ä.ts')
    const [inWorker] = await project.worker(store, 'a b/50% #1/ä.ts')
    for (const result of [inArbiter, inWorker]) {
      const [filename, stack] = exportsOf(result).result as readonly [string, string]
      assert.equal(filename, project.path('a b/50% #1/ä.ts'))
      assert.match(stack, /q\.ts:2:27/)
    }
  }
})
