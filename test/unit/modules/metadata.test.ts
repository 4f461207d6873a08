// Decorator metadata: files that need it are compiled by the project's own compiler, once per generation.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { test } from 'node:test'
import { errorOf, createProject, exportsOf, type Project } from '../../fixtures/modules/project.ts'
import { hasDecorator } from '../../../src/modules/metadata/needs-metadata.ts'

const DECORATED = { emitDecoratorMetadata: true, experimentalDecorators: true }

/** A decorator that keeps the types which its class, property or parameters have in the metadata. */
const SEEN = `export const seen: Record<string, unknown> = {}
  Object.assign(Reflect, { metadata: (key: string, value: unknown) => (target: object, name?: string) => {
    const of = [value].flat(2).map((type) => (typeof type === 'function' ? type.name : String(type)))
    if (name ?? key !== 'design:type') seen[(name ?? 'class') + ' ' + key] = of.join(' ') // swc: classes too
  } })
  export function mark(...of: unknown[]): void {}`

const FILES = {
  'tsconfig.json': JSON.stringify({ compilerOptions: DECORATED }),
  'seen.ts': SEEN,
  'item.ts': 'export class Item {}',
  'parts.ts': `import { mark } from './seen'
    import { Item } from './item'
    import type { Later } from './later'
    @mark
    export class Parts { @mark field: Item; @mark count: number; constructor(item: Item, later: Later) {}
      @mark find(name: string): Promise<Item> { throw new Error('line 7') } }
    export const meta = import.meta.url.slice(-8), own = Object.keys(new Parts(new Item(), {}))`,
  'later.ts': 'export interface Later {}',
  'app.ts': `import { seen } from './seen'
    import { meta, own, Parts } from './parts'
    export const result = { meta, own, ...seen }
    export const call = () => { try { Parts.prototype.find('') } catch (error) { return (error as Error).stack } }`,
}

const EXPECTED = {
  meta: 'parts.ts',
  own: ['field', 'count'],
  'class design:paramtypes': 'Item Object',
  'field design:type': 'Item',
  'count design:type': 'Number',
  'find design:type': 'Function',
  'find design:paramtypes': 'String',
  'find design:returntype': 'Promise',
}

function install(project: Project, ...packages: readonly string[]): void {
  for (const name of packages) {
    const link = project.path(`node_modules/${name}`)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(resolve(import.meta.dirname, '../../../node_modules', name), link)
  }
}

const precompile = (project: Project, store: string): readonly { do: string; [name: string]: unknown }[] => [
  { do: 'begin', store },
  { do: 'precompile', file: project.path('app.ts') },
]

for (const compiler of ['typescript', '@swc/core']) {
  for (const type of ['module', 'commonjs', undefined]) {
    test(`metadata by ${compiler} in the arbiter, in a worker and precompiled, type ${type}`, async (t) => {
      const project = createProject(t, { ...FILES, 'package.json': JSON.stringify({ type }) })
      install(project, compiler)
      const [inArbiter] = await project.arbiter(project.store('a'), 'app.ts')
      assert.deepEqual(exportsOf(inArbiter).result, EXPECTED)
      assert.match(String(exportsOf(inArbiter).called), /Error: line 7\n +at .*parts\.ts:6:\d+/)
      project.write({ 'config.json': '{}' })
      await project.arbiter(project.store('b'), 'config.json')
      const [alone] = await project.worker(project.path('../b'), 'app.ts')
      assert.deepEqual(exportsOf(alone).result, EXPECTED)
      const store = project.store()
      await project.run(...precompile(project, store))
      project.remove('app.ts', 'parts.ts', 'seen.ts', 'item.ts', 'node_modules')
      const [precompiled] = await project.worker(store, 'app.ts')
      assert.deepEqual(exportsOf(precompiled).result, EXPECTED)
    })
  }
}

test('without a compiler the error says what to install', async (t) => {
  const project = createProject(t, { ...FILES, 'package.json': '{}' })
  const store = project.store()
  await project.run(...precompile(project, store))
  const [result] = await project.worker(store, 'app.ts')
  const { message, stack } = errorOf(result)
  assert.equal(
    message,
    `${project.path('parts.ts')} has decorators and its tsconfig.json sets emitDecoratorMetadata: install ` +
      'typescript or @swc/core in the project, which write this metadata, or build the app and start the result',
  )
  assert.equal(stack, `SyntaxError: ${message}`)
})

test('classes that import each other in a circle work with typescript, as with tsc', async (t) => {
  const entity = (own: string, other: string): string => `import { mark } from './seen'
    import { ${other} } from './${other}'
    export class ${own} { @mark other: ${other} }`
  const project = createProject(t, {
    ...FILES,
    'package.json': '{}',
    'User.ts': entity('User', 'Photo'),
    'Photo.ts': entity('Photo', 'User'),
    'app.ts': 'import { User } from "./User"; export const result = User.name',
  })
  install(project, 'typescript')
  const [result] = await project.arbiter(project.store(), 'app.ts')
  assert.equal(exportsOf(result).result, 'User')
})

test('a file with decorators and a syntax error is reported with its place', async (t) => {
  for (const compiler of ['typescript', '@swc/core']) {
    const project = createProject(t, { ...FILES, 'package.json': '{}' })
    install(project, compiler)
    project.write({
      'parts.ts': `import { mark } from './seen'\n@mark class Parts {\n  @mark field = = 1\n}`,
    })
    const store = project.store()
    await project.run(...precompile(project, store))
    const [result] = await project.worker(store, 'app.ts')
    const { name, message } = errorOf(result)
    assert.equal(name, 'SyntaxError')
    assert.ok(message.includes(project.path('parts.ts')), message)
    assert.match(message, /field = = 1/)
  }
})

test('emitDecoratorMetadata of an extended config and of a referenced config counts', async (t) => {
  const options = JSON.stringify({ compilerOptions: DECORATED, include: ['*.ts'] })
  for (const config of [
    { extends: ['./other.json', './base.json'] },
    { files: [], references: [{ path: './base.json' }] },
  ]) {
    const project = createProject(t, {
      ...FILES,
      'package.json': '{}',
      'tsconfig.json': `\uFEFF${JSON.stringify(config)}`,
      'base.json': options,
      'other.json': '{ "compilerOptions": {} }',
    })
    install(project, 'typescript')
    const store = project.store()
    await project.run(...precompile(project, store))
    project.remove('node_modules')
    const [result] = await project.worker(store, 'app.ts')
    assert.deepEqual(exportsOf(result).result, EXPECTED)
  }
})

test('a file without decorators needs no compiler', async (t) => {
  const project = createProject(t, {
    'package.json': '{}',
    'tsconfig.json': FILES['tsconfig.json'],
    'app.ts': '/**\n * @param a none\n */\nexport const result: number = 1 // see @a and x@example.com',
  })
  const [result] = await project.arbiter(project.store(), 'app.ts')
  assert.equal(exportsOf(result).result, 1)
})

test('decorators are found wherever they stand', () => {
  for (const text of [
    '@Injectable()\nclass A {}',
    'export @Injectable() class A {}',
    'class A { @Column() a; }',
    'f(@Body() body) {}',
    '  /** docs */ @Column() name',
    ' * docs\n */ @Column() name',
    '@(factory())\nclass A {}',
    '@änderung class A {}',
  ])
    assert.ok(hasDecorator(text), text)
  for (const text of [
    'const a = 1',
    '/**\n * @param a\n */',
    '// @ts-expect-error',
    '  // see @scope/package',
  ])
    assert.ok(!hasDecorator(text), text)
})
