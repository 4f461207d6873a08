// Errors of user code that cannot be loaded: they name the user's file, line and column.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, errorOf, exportsOf } from '../../fixtures/modules/project.ts'

const KINDS = { module: '{"type":"module"}', commonjs: '{"type":"commonjs"}', 'no type': '{}' }

for (const [kind, packageJson] of Object.entries(KINDS)) {
  test(`a syntax error names file, line and column and shows the line (${kind})`, async (t) => {
    const project = createProject(t, {
      'package.json': packageJson,
      'app.ts': 'import "./broken"',
      'broken.ts': 'const a: number = 1\n\nconst b = = 2\n',
    })
    for (const entry of ['broken.ts', 'app.ts']) {
      const [result] = await project.arbiter(project.store(entry), entry)
      const { name, message } = errorOf(result)
      assert.equal(name, 'SyntaxError')
      assert.equal(
        message,
        `${project.path('broken.ts')}:3:11: Unexpected "="\n\n    const b = = 2\n              ^`,
      )
    }
  })

  test(`stacks name the TypeScript file and line in the arbiter and in a worker (${kind})`, async (t) => {
    const project = createProject(t, {
      'package.json': packageJson,
      'app.ts':
        'interface Longer {\n  a: string\n}\nimport { fail } from "./lib/fail"\nexport const result = ' +
        'fail().stack\nexport const url = import.meta.url',
      'lib/fail.ts': 'type A = 1\n\n\nexport function fail(): Error {\n  return new Error("on purpose")\n}',
    })
    const stores = { loaded: project.store('loaded'), precompiled: project.store('precompiled') }
    const [inArbiter] = await project.arbiter(stores.loaded, 'app.ts')
    await project.run(
      { do: 'begin', store: stores.precompiled },
      { do: 'precompile', file: project.path('app.ts') },
    )
    const workers = [
      await project.worker(stores.loaded, 'app.ts'),
      await project.worker(stores.precompiled, 'app.ts'),
    ]
    for (const result of [inArbiter, ...workers.map(([first]) => first)]) {
      const stack = String(exportsOf(result).result)
      assert.ok(stack.includes(`${project.path('lib/fail.ts')}:5:10`), stack)
      assert.ok(stack.includes(`${project.path('app.ts')}:5:23`), stack)
    }
  })

  test(`an import of a missing local file is the error of Node with its path (${kind})`, async (t) => {
    const project = createProject(t, {
      'package.json': packageJson,
      'app.ts': 'import { a } from "./lib/gone"\nexport const result = a',
    })
    const [result] = await project.arbiter(project.store(), 'app.ts')
    const error = errorOf(result)
    assert.match(String(error.code), /^(ERR_)?MODULE_NOT_FOUND$/)
    assert.ok(error.message.includes('/lib/gone'), error.message)
    assert.ok(error.message.includes(project.path('app.ts')), error.message)
  })
}

test('a missing entry is the error of Node with its path', async (t) => {
  const project = createProject(t, { 'package.json': '{}' })
  for (const entry of ['gone.ts', 'gone.mjs', 'gone.cjs', 'gone.js']) {
    const [result] = await project.arbiter(project.store(entry), entry)
    const error = errorOf(result)
    assert.match(String(error.code), /^(ERR_)?MODULE_NOT_FOUND$/)
    assert.ok(error.message.includes(project.path(entry)), error.message)
  }
})

test('the error of a missing package can be caught if tsconfig.json has paths', async (t) => {
  const project = createProject(t, {
    'package.json': '{"type":"module"}',
    'tsconfig.json': '{"compilerOptions":{"paths":{"@lib/*":["./lib/*"]}}}',
    'app.ts':
      'export const result = await import("optional-package").catch((error: { code: string }) => error.code)',
  })
  const [result] = await project.arbiter(project.store(), 'app.ts')
  assert.equal(exportsOf(result).result, 'ERR_MODULE_NOT_FOUND')
})

test('an error of the module is not changed', async (t) => {
  const project = createProject(t, {
    'package.json': '{}',
    'app.ts': 'class Mine extends Error { code = "MINE" }\nthrow new Mine("mine")',
  })
  const [result] = await project.arbiter(project.store(), 'app.ts')
  const { message, code, stack } = errorOf(result)
  assert.deepEqual([message, code], ['mine', 'MINE'])
  assert.ok(stack.includes(`${project.path('app.ts')}:2`), stack)
})
