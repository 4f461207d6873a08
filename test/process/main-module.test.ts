// An app finds what it finds under `node app.js`: require.main, process.mainModule, process.argv and
// import.meta.main. The same file runs both ways, and both must say the same.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, nodeBinary, startServer, type Project } from '../helpers/tsgun.ts'

/** Prints its facts under `node`, and responds with them under tsgun. */
const commonJs = `const { main, isMain, filename } = require('./dep.cjs')
const facts = {
  isMain: require.main === module, mainModule: process.mainModule === module, id: module.id,
  parent: module.parent ?? null, filename: require.main?.filename ?? null, dep: main === module, isMain, other: filename,
  argv: process.argv.slice(1), argv0: process.argv[0],
}
if (process.env.PRINT) console.log(JSON.stringify(facts))
else module.exports = (req, res) => res.end(JSON.stringify(facts))\n`

const dependency = `exports.main = require.main
exports.isMain = require.main === module
exports.filename = require.main?.filename ?? null\n`

const esModule = `import { fileURLToPath } from 'node:url'
import { createRequire } from 'node:module'
import { dependency } from './dep.mjs'
const facts = {
  byArgv: process.argv[1] === fileURLToPath(import.meta.url), main: import.meta.main ?? null, dependency,
  mainModule: process.mainModule ?? null, required: createRequire(import.meta.url).main ?? null,
  dep: createRequire(import.meta.url)('./dep.cjs').filename, argv: process.argv.slice(1), argv0: process.argv[0],
  url: import.meta.url,
}
if (process.env.PRINT) console.log(JSON.stringify(facts))
export default (req, res) => res.end(JSON.stringify(facts))\n`

const files = {
  'dep.cjs': dependency,
  'dep.mjs': 'export const dependency = import.meta.main ?? null\n',
}

function underNode(project: Project, file: string): unknown {
  const env = { ...process.env, PRINT: '1' }
  return JSON.parse(execFileSync(nodeBinary, [file], { cwd: project.directory, env, encoding: 'utf8' }))
}

const cases: readonly { readonly file: string; readonly code: string; readonly package?: string }[] = [
  { file: 'app.cjs', code: commonJs },
  { file: 'app.js', code: commonJs, package: '{ "type": "commonjs" }' },
  { file: 'app.js', code: commonJs, package: '{}' },
  {
    file: 'app.js',
    code: `#!/usr/bin/env node\n// import and export are words here\n${commonJs}`,
    package: '{}',
  },
  { file: 'bin/www', code: commonJs.replace('./dep', '../dep'), package: '{}' },
  { file: 'app.mjs', code: esModule },
  { file: 'app.js', code: esModule },
  { file: 'app.js', code: `#!/usr/bin/env node\n${esModule}`, package: '{}' },
]

for (const { file, code, package: text = '{ "type": "module" }' } of cases) {
  const kind = code.includes('fileURLToPath') ? 'an ES module' : 'CommonJS'
  test(`${file} as ${kind} in a package ${text} is the main module, as under node, also after a reload${code.startsWith('#!') ? ', with a hashbang' : ''}`, async (t) => {
    const project = createProject(t, { ...files, [file]: code, 'package.json': text })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', `./${file}`] })
    const expected = underNode(project, file)
    assert.deepEqual(JSON.parse((await ask(server.url)).body), expected)
    server.signal('SIGHUP')
    await server.says(/reload done/)
    assert.deepEqual(JSON.parse((await ask(server.url)).body), expected)
    await server.stop()
  })
}

test('behind a symbolic link argv[1] is the link and the module the file, as under node', async (t) => {
  for (const [name, code] of [
    ['app.cjs', commonJs],
    ['app.mjs', esModule],
  ] as const) {
    const project = createProject(t, { ...files, [name]: code })
    symlinkSync(name, project.path(`link${name.slice(3)}`))
    const file = `link${name.slice(3)}`
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', `./${file}`] })
    assert.deepEqual(JSON.parse((await ask(server.url)).body), underNode(project, file))
    await server.stop()
  }
})

test('in TypeScript too: the idioms of CommonJS and of ES modules are true in the entry alone', async (t) => {
  const entry = `import { fileURLToPath } from 'node:url'
    import { inner } from './inner'
    declare global { interface ImportMeta { main?: boolean } }
    const facts = [process.argv[1] === fileURLToPath(import.meta.url), import.meta.main ?? null, inner, process.argv.length]
    export default (req: unknown, res: { end(text: string): void }) => res.end(JSON.stringify(facts))\n`
  const inner = `export const inner: unknown = import.meta.main ?? null\n`
  const hasMain = execFileSync(nodeBinary, ['--input-type=module', '-e', 'console.log(import.meta.main)'])
  const isNew = hasMain.toString().trim() !== 'undefined'
  for (const [type, main, dep] of [
    ['{ "type": "module" }', isNew ? true : null, isNew ? false : null],
    ['{ "type": "commonjs" }', true, false],
    ['{}', true, false],
  ] as const) {
    const project = createProject(t, { 'app.ts': entry, 'inner.ts': inner, 'package.json': type })
    const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.ts'] })
    assert.deepEqual(JSON.parse((await ask(server.url)).body), [true, main, dep, 2], type)
    await server.stop()
  }
  const required = `import { local } from './local'
    export default (req: unknown, res: { end(text: string): void }) =>
      res.end(JSON.stringify([require.main === module, process.mainModule === module, local]))\n`
  const project = createProject(t, {
    'package.json': '{}',
    'app.ts': required,
    'local.ts': 'export const local: boolean = require.main === module\n',
  })
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', './app.ts'] })
  assert.deepEqual(JSON.parse((await ask(server.url)).body), [true, true, false])
  await server.stop()
})

test('an app that listens if it is the main module, and exports itself, is served by two workers', async (t) => {
  const app = `const { createServer } = require('node:http')
    const server = createServer((req, res) => res.end('hello'))
    module.exports = server
    if (require.main === module) server.listen(3000)\n`
  const project = createProject(t, { 'app.js': app, 'package.json': '{}' })
  const server = await startServer(project, { arguments: ['-w', '2', '-b', '127.0.0.1:0', './app.js'] })
  for (let nr = 0; nr < 4; nr += 1) assert.equal((await ask(server.url)).body, 'hello')
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.equal((await ask(server.url)).body, 'hello')
  await server.stop()
})

test('an entry that throws is a failed boot with its own line, whatever kind it is', async (t) => {
  for (const [file, code] of [
    ['app.cjs', `\nthrow new Error('not today')\n`],
    ['app.mjs', `\nthrow new Error('not today')\n`],
  ] as const) {
    const project = createProject(t, { [file]: code })
    const failed = launch(project, { arguments: ['-b', '127.0.0.1:0', `./${file}`] })
    assert.deepEqual(await failed.exit(), { code: 3, signal: null })
    assert.match(failed.stderr, /failed to boot: cannot load .*app\.[cm]js: not today/)
    assert.match(failed.stderr, new RegExp(`${file}:2:7`))
  }
})
