// TypeScript without a build, in an arbiter and in a worker, in each kind of project.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, exportsOf, type Project } from '../../fixtures/modules/project.ts'

const PACKAGES = {
  'node_modules/cjs-only/package.json': '{"name":"cjs-only","main":"index.js"}',
  'node_modules/cjs-only/index.js':
    'exports.named = "cjs"; exports.whole = function whole() { return "cjs" }',
  'node_modules/esm-only/package.json': '{"name":"esm-only","type":"module","exports":"./index.js"}',
  'node_modules/esm-only/index.js': 'export const named = "esm"; export default "esm default"',
}

const FILES = {
  ...PACKAGES,
  'tsconfig.json':
    '{ /* with a comment */ "compilerOptions": { "experimentalDecorators": true, "paths": { "@lib/*": ' +
    '["./lib/*"] } } }',
  'app.ts': `
    import { dirname } from 'node:path'
    import { named as cjs } from 'cjs-only'
    import esmDefault, { named as esm } from 'esm-only'
    import { bare } from './lib/bare'
    import { asJs } from './lib/as-js.js'
    import { asTs } from './lib/as-ts.ts'
    import { dotted } from './lib/dotted.service'
    import { index } from './lib'
    import { mapped } from '@lib/mapped'
    import { subpath } from '#subpath'
    import data from './data.json' with { type: 'json' }
    import loose from './loose.json'
    import type { Nothing } from './does-not-exist'
    enum Level { Low, High = 5 }
    const seen: string[] = []
    function tag(target: object, key: string): void { seen.push(key) }
    class Tagged { @tag method(): void {} }
    const nothing: Nothing | undefined = undefined
    export const result = { cjs, esm, esmDefault, bare, asJs, asTs, dotted, index, mapped, subpath, data, loose, level: Level.High, seen, nothing: String(nothing), tagged: Tagged.name }
    export const meta = { url: import.meta.url, dirname: import.meta.dirname, filename: import.meta.filename, same: dirname(import.meta.filename) === import.meta.dirname }
    export default 'the default'
    export const call = async () => (await import('./lib/late')).late
  `,
  'lib/bare.ts': 'export const bare: string = "bare"',
  'lib/as-js.ts': 'export const asJs: string = "as-js"',
  'lib/as-ts.ts': 'export const asTs: string = "as-ts"',
  'lib/dotted.service.ts': 'export const dotted: string = "dotted"',
  'lib/index.ts': 'export const index: string = "index"',
  'lib/mapped.ts': 'export const mapped: string = "mapped"',
  'lib/subpath.ts': 'export const subpath: string = "subpath"',
  'lib/late.ts': 'export const late: string = "late"',
  'data.json': '{"value":1}',
  'loose.json': '{"value":2}',
}

function expected(project: Project): unknown {
  return {
    result: {
      cjs: 'cjs',
      esm: 'esm',
      esmDefault: 'esm default',
      bare: 'bare',
      asJs: 'as-js',
      asTs: 'as-ts',
      dotted: 'dotted',
      index: 'index',
      mapped: 'mapped',
      subpath: 'subpath',
      data: { value: 1 },
      loose: { value: 2 },
      level: 5,
      seen: ['method'],
      nothing: 'undefined',
      tagged: 'Tagged',
    },
    meta: {
      url: `file://${project.path('app.ts')}`,
      dirname: project.directory,
      filename: project.path('app.ts'),
      same: true,
    },
    default: 'the default',
    called: 'late',
  }
}

for (const type of ['module', 'commonjs', undefined] as const) {
  const packageJson = JSON.stringify({ type, imports: { '#subpath': './lib/subpath.ts' } })
  const title = type === undefined ? 'no "type"' : `"type": "${type}"`

  test(
    'TypeScript runs without a build in the arbiter and in a worker of a project with ' + `${title}`,
    async (t) => {
      const project = createProject(t, { ...FILES, 'package.json': packageJson })
      const store = project.store()
      const [inArbiter] = await project.arbiter(store, 'app.ts')
      assert.deepEqual(exportsOf(inArbiter), expected(project))
      const [inWorker] = await project.worker(store, 'app.ts')
      assert.deepEqual(exportsOf(inWorker), expected(project))
    },
  )

  test(`a worker compiles what no process has compiled, in a project with ${title}`, async (t) => {
    const project = createProject(t, { ...FILES, 'package.json': packageJson, 'config.json': '{}' })
    const store = project.store()
    await project.arbiter(store, 'config.json')
    const [first] = await project.worker(store, 'app.ts')
    assert.deepEqual(exportsOf(first), expected(project))
    project.write({ 'app.ts': 'export const edited = true', 'lib/bare.ts': 'export const bare = "edited"' })
    const [later] = await project.worker(store, 'app.ts')
    assert.deepEqual(exportsOf(later), exportsOf(first))
  })

  test('TypeScript runs after precompile without its files in a project with ' + `${title}`, async (t) => {
    const project = createProject(t, { ...FILES, 'package.json': packageJson })
    const store = project.store()
    const results = await project.run(
      { do: 'begin', store },
      { do: 'precompile', file: project.path('app.ts') },
    )
    assert.deepEqual(results, [{}, {}])
    project.remove('app.ts', 'lib')
    project.write({ 'lib/subpath.ts': FILES['lib/subpath.ts'] })
    const [inWorker] = await project.worker(store, 'app.ts')
    assert.deepEqual(exportsOf(inWorker), expected(project))
  })
}

test('.mts is an ES module and .cts CommonJS in any project, and each can import the other', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"commonjs"}',
    'esm.mts': `import both, { named } from './cjs.cts'; import { more } from './cjs.cjs'
      export const result = { both, named, more, top: await Promise.resolve(1), hasRequire: typeof require }`,
    'cjs.cts':
      'export const named: string = "cts"; export const hasRequire = typeof require; export * from ' +
      '"./again.cts"',
    'again.cts': 'export const again: number = 1',
    'cjs.cjs': 'exports.more = "plain"',
    'uses-esm.cts':
      'import { value } from "./sync.mjs"; import { top } from "./sync.mts"; export const result = { ' +
      'value, top }',
    'sync.mts': 'export { top } from "./sync-deep.mjs"',
    'sync-deep.mts': 'import { base } from "./sync"; export enum Top { A = base }; export const top = Top.A',
    'sync.ts': 'export const base: number = 7',
    'sync.mjs': 'export const value = 3',
  })
  for (const run of [project.arbiter, project.worker]) {
    const store = run === project.arbiter ? project.store() : project.store('worker')
    if (run === project.worker) await project.arbiter(store)
    const [esm, cjs] = await run(store, 'esm.mts', 'uses-esm.cts')
    const whole = { named: 'cts', hasRequire: 'function', again: 1 }
    assert.deepEqual(exportsOf(esm).result, {
      both: whole,
      named: 'cts',
      more: 'plain',
      top: 1,
      hasRequire: 'undefined',
    })
    assert.deepEqual(exportsOf(cjs).result, { value: 3, top: 7 })
  }
})

test('a .ts file without "type" but with a top-level await is an ES module and can import CommonJS', async (t) => {
  const project = createProject(t, {
    'app.ts': `import db, { name } from './db'; import { again } from './barrel'
      export const value: number = await Promise.resolve(4); export const result = { db, name, again, file: import.meta.filename }`,
    'db.ts': 'export default "the db"; export const name: string = "db"',
    'barrel.ts': 'export * from "./again"',
    'again.ts': 'export const again: number = 2',
  })
  const wanted = { db: 'the db', name: 'db', again: 2, file: project.path('app.ts') }
  const store = project.store()
  const [inArbiter] = await project.arbiter(store, 'app.ts')
  assert.deepEqual(exportsOf(inArbiter).result, wanted)
  const other = project.store('precompiled')
  await project.run({ do: 'begin', store: other }, { do: 'precompile', file: project.path('app.ts') })
  for (const directory of [store, other]) {
    const [inWorker] = await project.worker(directory, 'app.ts')
    assert.deepEqual(exportsOf(inWorker).result, wanted)
  }
})

test('decorators follow a tsconfig.json that extends another one', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"commonjs"}',
    'tsconfig.json': '{"extends":"./base.json"}',
    'base.json': '{"compilerOptions":{"experimentalDecorators":true}}',
    'app.ts':
      'function argument(target: object, key: string, index: number): void { seen = index }; let seen: ' +
      'unknown; class A { method(@argument x: number): void {} }; export const result = [seen, A.name]',
  })
  const [inArbiter] = await project.arbiter(project.store(), 'app.ts')
  assert.deepEqual(exportsOf(inArbiter).result, [0, 'A'])
})

test('standard decorators run on a Node without decorators', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'app.ts':
      'function twice(method: () => number, _: ClassMethodDecoratorContext) { return () => method() * ' +
      '2 }; class A { @twice m(): number { return 4 } }; export const result = new A().m()',
  })
  const [inArbiter] = await project.arbiter(project.store(), 'app.ts')
  assert.equal(exportsOf(inArbiter).result, 8)
})

test('a file in node_modules is never compiled', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'app.ts': 'import { value } from "typed"; export const result = value',
    'node_modules/typed/package.json': '{"name":"typed","type":"module","exports":"./index.ts"}',
    'node_modules/typed/index.ts': 'export enum Value { A }; export const value = Value.A',
  })
  const [inArbiter] = await project.arbiter(project.store(), 'app.ts')
  assert.match(
    String(errorOfAny(inArbiter)),
    /ERR_UNKNOWN_FILE_EXTENSION|ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING/,
  )
})

function errorOfAny(result: { readonly error?: { readonly code?: string } } | undefined): unknown {
  return result?.error?.code
}
