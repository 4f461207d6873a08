// What tsconfig.json and package.json may look like: aliases in computed imports, solution-style configs,
// byte order marks, and projects whose path is a pattern to other tools.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, exportsOf, type Project, type Result } from '../../fixtures/modules/project.ts'

/** Loads an app in the arbiter, then precompiled in a worker. */
async function loaded(project: Project): Promise<readonly unknown[]> {
  const [inArbiter] = await project.arbiter(project.store('arbiter'), 'src/app.ts')
  const store = project.store()
  await project.run({ do: 'begin', store }, { do: 'precompile', file: project.path('src/app.ts') })
  const [inWorker] = await project.worker(store, 'src/app.ts')
  return [inArbiter, inWorker].map((each: Result | undefined) => exportsOf(each)['called'])
}

const paths = { '@/*': ['./src/*'], exact: ['./src/routes/a.ts'] }
const routes = {
  'src/routes/a.ts': 'export const route: string = "a"',
  'src/routes/b/index.ts': 'export const route: string = "b"',
  'src/routes/c.js': 'exports.route = "c"',
}
const names = '["@/routes/a", "@/routes/a.js", "@/routes/b", "@/routes/c", "exact"]'

for (const type of ['module', 'commonjs']) {
  test(`aliases resolve in imports whose name is computed, type ${type}`, async (t) => {
    const load = type === 'module' ? 'await import(name)' : 'require(name)'
    const project = createProject(t, {
      ...routes,
      'src/routes/c.js': type === 'module' ? 'export const route = "c"' : routes['src/routes/c.js'],
      'package.json': JSON.stringify({ type }),
      'tsconfig.json': JSON.stringify({ compilerOptions: { paths } }),
      'src/app.ts': `export const call = async () => {
        const found: string[] = []
        for (const name of ${names}) found.push((${load}).route)
        return found.join()
      }`,
    })
    assert.deepEqual(await loaded(project), ['a,a,b,c,a', 'a,a,b,c,a'])
  })
}

test('the paths of a referenced config and of a list of base configs apply', async (t) => {
  const compilerOptions = { paths: { '@/*': ['./src/*'] } }
  const solutions = [
    {
      files: [],
      references: [{ path: './tsconfig.node.json' }, { path: './tsconfig.app.json' }],
    },
    { extends: ['./tsconfig.node.json', './tsconfig.app.json'] },
  ]
  for (const solution of solutions) {
    const project = createProject(t, {
      ...routes,
      'package.json': '{ "type": "module" }',
      'tsconfig.json': JSON.stringify(solution),
      'tsconfig.node.json': '{ "include": ["vite.config.ts"] }',
      'tsconfig.app.json': JSON.stringify({
        compilerOptions,
        include: ['src'],
      }),
      'src/app.ts': `import { route } from '@/routes/a'
        export const call = async () => route + (await import('@/routes/' + 'b')).route`,
    })
    assert.deepEqual(await loaded(project), ['ab', 'ab'])
  }
})

test('a base config that is not installed is no failure', async (t) => {
  const project = createProject(t, {
    ...routes,
    'package.json': '{ "type": "module" }',
    'tsconfig.json':
      '{ "extends": "@tsconfig/node20", "compilerOptions": { "experimentalDecorators": true } }',
    'src/app.ts': `const seen: string[] = []
      function mark(target: object, key: string): void { seen.push(key) }
      class A { @mark method(): void {} }
      export const call = () => seen.join() + A.name`,
  })
  assert.deepEqual(await loaded(project), ['methodA', 'methodA'])
})

test('a byte order mark is no part of package.json, tsconfig.json and a source', async (t) => {
  const project = createProject(t, {
    ...routes,
    'package.json': '\uFEFF{ "type": "module" }',
    'tsconfig.json': `\uFEFF${JSON.stringify({ compilerOptions: { paths } })}`,
    'src/app.ts':
      '\uFEFFimport { route } from "@/routes/a"; export const call = () => route + import.meta.url.slice(-6)',
  })
  assert.deepEqual(await loaded(project), ['aapp.ts', 'aapp.ts'])
})

for (const type of ['module', 'commonjs']) {
  test(`a project path with an asterisk works, type ${type}`, async (t) => {
    const outer = createProject(t, {})
    const at = (name: string): string => `a*b [c]/${name}`
    outer.write({
      [at('package.json')]: JSON.stringify({ type }),
      [at('tsconfig.json')]: JSON.stringify({ compilerOptions: { paths } }),
      ...Object.fromEntries(Object.entries(routes).map(([name, text]) => [at(name), text])),
      [at('src/app.ts')]: `import { route } from '@/routes/a'
        export const call = async () => route + (await import('./routes/b')).route`,
    })
    const project = { ...outer, path: (name: string) => outer.path(at(name)) }
    const store = outer.store()
    await outer.run({ do: 'begin', store }, { do: 'precompile', file: project.path('src/app.ts') })
    const [inWorker] = await outer.worker(store, at('src/app.ts'))
    assert.equal(exportsOf(inWorker)['called'], 'ab')
    const [inArbiter] = await outer.arbiter(outer.store('arbiter'), at('src/app.ts'))
    assert.equal(exportsOf(inArbiter)['called'], 'ab')
  })
}

test('import x = require() works in an ES module', async (t) => {
  const project = createProject(t, {
    'package.json': '{ "type": "module" }',
    'plain.cjs': 'module.exports = () => "plain"',
    'src/app.ts': `import plain = require('../plain.cjs')\nexport const call = (): string => plain()`,
  })
  assert.deepEqual(await loaded(project), ['plain', 'plain'])
})
