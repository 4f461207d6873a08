// What TypeScript imports besides code: JSON with and without an attribute, JSX that tsconfig.json leaves to
// a later tool, and files that Node.js does not load.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import { createProject, launch, startServer, type Cleaner, type Project } from '../helpers/tsgun.ts'

const start = ['-b', '127.0.0.1:0', '-w', '1', './app.ts']
const serve = (body: string): string =>
  `import { createServer } from 'node:http'\n` +
  `createServer(async (req, res) => res.end(JSON.stringify(${body}))).listen(process.env.PORT)\n`

function jsonProject(t: Cleaner, type: string): Project {
  return createProject(t, {
    'package.json': JSON.stringify({ type }),
    'data.json': JSON.stringify({ a: 1, 'two words': 2, default: 3 }),
    'list.json': '\uFEFF[4]',
    'node_modules/of-package/package.json': '{ "name": "of-package" }',
    'node_modules/of-package/data.json': '{ "b": 5 }',
    'plain.mjs': `import data from './data.json' with { type: 'json' }\nexport const plain = data\n`,
    'again.ts': `export { default as again, a as renamed } from './data.json'\n`,
    'app.ts': [
      `import data from './data.json'`,
      `import attributed, { a } from './data.json' with { type: 'json' }`,
      `import * as all from './data.json'`,
      `import list from './list.json'`,
      `import { b } from 'of-package/data.json'`,
      `import { again, renamed } from './again.ts'`,
      serve(
        `{ a, b, list, renamed, words: all['two words'], whole: data.default, ` +
          `later: (await import('./' + 'data.json')).a, attributed: attributed === data, again: again === data, ` +
          `plain: (await import('./plain.mjs')).plain === data }`,
      ),
    ].join('\n'),
  })
}

for (const type of ['module', 'commonjs'])
  test(`JSON has its keys as exports, with and without an attribute, and one value (${type})`, async (t) => {
    const project = jsonProject(t, type)
    const server = await startServer(project, { arguments: start })
    const answer = async (): Promise<unknown> => JSON.parse((await ask(server.url, '/')).body)
    const expected = {
      a: 1,
      b: 5,
      list: [4],
      renamed: 1,
      words: 2,
      whole: 3,
      later: 1,
      attributed: true,
      again: true,
      plain: true,
    }
    assert.deepEqual(await answer(), expected)
    project.write('data.json', JSON.stringify({ a: 10, 'two words': 20, default: 30 }))
    server.signal('SIGHUP')
    await server.says(/reload done/)
    assert.deepEqual(await answer(), { ...expected, a: 10, renamed: 10, words: 20, whole: 30, later: 10 })
    await server.stop()
  })

test('JSON that a config imports belongs to its generation', async (t) => {
  const project = createProject(t, {
    'data.json': '{ "a": 1 }',
    'app.js': 'export default (req, res) => res.end(process.env.DATA)\n',
    'server.config.ts': [
      `import data, { a } from './data.json'`,
      `export default { app: './app.js', workers: 1, bind: '127.0.0.1:0',`,
      `  post_fork() { process.env.DATA = [a, data.a].join() } }`,
    ].join('\n'),
  })
  const server = await startServer(project)
  assert.equal((await ask(server.url, '/')).body, '1,1')
  project.write('data.json', '{ "a": 2 }')
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await server.says(/is ready after/, 2)
  assert.equal((await ask(server.url, '/')).body, '1,1')
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url, '/')).body, '2,2')
  await server.stop()
})

/** What a page of `jsx: "preserve"` is made with. */
const runtime = (name: string): Readonly<Record<string, string>> => ({
  [`node_modules/${name}/package.json`]: `{ "name": "${name}", "exports": { "./jsx-runtime": "./jsx.js" } }`,
  [`node_modules/${name}/jsx.js`]: `exports.jsx = exports.jsxs = (type, props) => [${JSON.stringify(name)}, type, props.children]`,
})
const page = 'export const page = () => <b>hi</b>\n'

const pages: readonly (readonly [
  what: string,
  options: object,
  files: Readonly<Record<string, string>>,
  made: unknown,
])[] = [
  ['preserve', { jsx: 'preserve' }, { 'page.tsx': page }, ['react', 'b', 'hi']],
  ['preserve, in JavaScript', { jsx: 'preserve' }, { 'page.jsx': page }, ['react', 'b', 'hi']],
  [
    'preserve with another source',
    { jsx: 'preserve', jsxImportSource: 'other' },
    { 'page.tsx': page },
    ['other', 'b', 'hi'],
  ],
  [
    'preserve with a function of the project',
    { jsx: 'preserve', jsxFactory: 'make' },
    { 'page.tsx': `const make = (...all) => all\n${page}` },
    ['b', null, 'hi'],
  ],
  [
    'preserve with a comment',
    { jsx: 'preserve' },
    { 'page.tsx': `/** @jsx make */\nconst make = (...all) => all\n${page}` },
    ['b', null, 'hi'],
  ],
  [
    'preserve in a file that has a React',
    { jsx: 'preserve' },
    {
      'page.tsx': `import * as React from './own.ts'\n${page}`,
      'own.ts': 'export const createElement = (...all) => all\n',
    },
    ['b', null, 'hi'],
  ],
]

for (const type of ['module', 'commonjs'])
  for (const [what, compilerOptions, files, made] of pages)
    test(`JSX runs with jsx: ${what} (${type})`, async (t) => {
      const project = createProject(t, {
        'package.json': JSON.stringify({ type }),
        'base.json': JSON.stringify({ compilerOptions }),
        'tsconfig.json': '{ "extends": "./base.json" }',
        ...runtime('react'),
        ...runtime('other'),
        ...files,
        'app.ts': `import { page } from './page'\n${serve('page()')}`,
      })
      const server = await startServer(project, { arguments: start })
      assert.deepEqual(JSON.parse((await ask(server.url, '/')).body), made)
      await server.stop()
    })

for (const type of ['module', 'commonjs'])
  test(`a file that Node.js does not load ends the start with what to write (${type})`, async (t) => {
    const project = createProject(t, {
      'package.json': JSON.stringify({ type }),
      'a.css': 'b {}',
      'app.ts': `import './a.css'\n${serve('1')}`,
    })
    const launched = launch(project, { arguments: start })
    assert.deepEqual(await launched.exit(), { code: 3, signal: null })
    assert.match(
      launched.stderr,
      /failed to boot: \/\S*\/a\.css: Node\.js \S+ cannot load a \.css file; .* write readFileSync\(new URL\("\.\/a\.css", import\.meta\.url\)\)$/m,
    )
    assert.doesNotMatch(launched.stderr, /^ +at /m)
  })
