// Flags of Node.js and modules that are loaded before the app: those of the master keep their meaning in
// workers with another directory, `node_args` and `import` add some.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer } from '../helpers/tsgun.ts'

const preload = (name: string): string => `globalThis.order = [...globalThis.order ?? [], '${name}']\n`
/** Responds with what was loaded before it, and what its workers and children would inherit. */
const app = `globalThis.order = [...(globalThis.order ?? []), 'app']
export default (req, res) => res.end(JSON.stringify({ order: globalThis.order, x: process.env.X_A ?? null }))\n`

test('relative paths in the flags and NODE_OPTIONS of the master keep their meaning in another chdir, also after a reload', async (t) => {
  const project = createProject(t, {
    'site/app.js': app,
    'r.cjs': preload('require'),
    'with space/i.mjs': preload('import'),
    'o.cjs': preload('options'),
    'node_modules/pkg/package.json': '{ "name": "pkg", "exports": "./index.cjs" }\n',
    'node_modules/pkg/index.cjs': preload('package'),
    'flags.env': 'X_A=1\n',
    'elsewhere/app.js': app,
  })
  const tsgun = project.path('node_modules/tsgun/bin/tsgun.js')
  const flags = [
    '--require',
    './r.cjs',
    '-r',
    'pkg',
    '--import',
    './with%20space/i.mjs',
    '--env-file=flags.env',
  ]
  const server = await startServer(project, {
    bin: flags[0] ?? '',
    arguments: [...flags.slice(1), tsgun, '--chdir', 'site', '-b', '127.0.0.1:0', './app.js'],
    environment: { NODE_OPTIONS: '--no-warnings --require "./o.cjs"' },
  })
  const expected = { order: ['options', 'require', 'package', 'import', 'app'], x: '1' }
  assert.deepEqual(JSON.parse((await ask(server.url)).body), expected)
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.deepEqual(JSON.parse((await ask(server.url)).body), expected)
  await server.stop()
})

test('node_args are flags of the workers alone, with paths from chdir, and a reload changes them', async (t) => {
  const config = (flags: string): string =>
    `export default { app: './app.js', chdir: 'site', bind: '127.0.0.1:0', node_args: ${flags} }\n`
  const project = createProject(t, {
    'site/app.js': `export default (req, res) => res.end(JSON.stringify([typeof globalThis.gc, globalThis.order ?? []]))\n`,
    'site/pre.cjs': preload('pre'),
    'server.config.js': config(`'--expose-gc --require ./pre.cjs'`),
  })
  const server = await startServer(project)
  assert.deepEqual(JSON.parse((await ask(server.url)).body), ['function', ['pre']])
  project.write('server.config.js', config(`['--max-old-space-size=512']`))
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.deepEqual(JSON.parse((await ask(server.url)).body), ['undefined', []])
  project.write('server.config.js', config(`['--no-such-flag']`))
  server.signal('SIGHUP')
  await server.says(/reload failed.*node_args: Node\.js v\S+ refuses them: bad option: --no-such-flag/)
  await server.stop()
})

test('flags that Node refuses, that run something else, or whose file is missing, end the start in one line', async (t) => {
  const project = createProject(t, { 'app.js': app })
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--max-old-space-size=many'], /refuses them: Error: illegal value for flag --max-old-space-size=many/],
    [['--unhandled-rejections=x'], /refuses them: invalid value for --unhandled-rejections/],
    [['--harmony', 'other.js'], /refuses them: it takes one of them for a script to run/],
    [['other.js'], /expected a flag of Node\.js; got "other\.js"/],
    [['--eval', '0'], /workers cannot have --eval: it makes Node run something else than the worker/],
    [['--env_file=.env'], /workers cannot have --env-file: write `env_file`/],
    [['--inspect'], /workers cannot share the port of --inspect; write "--inspect=0"/],
    [['--require ./a.js'], /write "--require \.\/a\.js" as two words of the list/],
    [['--require', './none.cjs'], /there is no file .*none\.cjs \(--require\)/],
  ]
  for (const [flags, line] of cases) {
    project.write('server.config.json', JSON.stringify({ app: './app.js', node_args: flags }))
    const server = launch(project)
    assert.deepEqual(await server.exit(), { code: 1, signal: null }, server.report())
    assert.match(server.stderr, line)
    assert.match(server.stderr, /^server\.config\.json: node_args: /)
    assert.equal(server.stderr.trim().split('\n').length, 1, server.stderr)
  }
})

const register = `import * as module from 'node:module'
module.register('./hooks.mjs', import.meta.url)
`
/** As instrumentation of telemetry does: it changes packages while they are loaded. */
const loaderHooks = `export async function load(url, context, next) {
  const loaded = await next(url, context)
  return url.includes('/node_modules/patched/')
    ? { ...loaded, source: String(loaded.source).replace('plain', 'patched') } : loaded
}\n`

test('import loads modules before config and app in their order, TypeScript and packages too, with loader hooks in place', async (t) => {
  const project = createProject(t, {
    'package.json': '{ "type": "module" }\n',
    'server.config.ts': `import './seen.ts'
      export default { app: './app.ts', bind: '127.0.0.1:0', import: ['./otel.ts', 'esm-only/register', './last.cts'] }\n`,
    'seen.ts': `globalThis.order = [...globalThis.order ?? [], 'config']\n`,
    'otel.ts': `${register}enum Name { first = 'otel' }\nawait Promise.resolve()\n${preload('otel')}globalThis.kind = Name.first\n`,
    'last.cts': preload('last'),
    'hooks.mjs': loaderHooks,
    'node_modules/esm-only/package.json':
      '{ "name": "esm-only", "type": "module", "exports": { "./register": { "import": "./r.js" } } }\n',
    'node_modules/esm-only/r.js': preload('package'),
    'node_modules/patched/package.json': '{ "name": "patched", "type": "module", "exports": "./index.js" }\n',
    'node_modules/patched/index.js': 'export const name = "plain"\n',
    'app.ts': `import { name } from 'patched'
      export default (req: any, res: any) => res.end(JSON.stringify([(globalThis as any).order, name]))\n`,
  })
  const server = await startServer(project)
  const order = ['otel', 'package', 'last', 'config']
  assert.deepEqual(JSON.parse((await ask(server.url)).body), [order, 'patched'])
  server.signal('SIGHUP')
  await server.says(/reload done/)
  assert.deepEqual(JSON.parse((await ask(server.url)).body), [order, 'patched'])
  await server.stop()
})

test('a module of import that is missing ends the start with 1; one that fails, or a missing package, with 3', async (t) => {
  const project = createProject(t, { 'app.js': app, 'broken.ts': 'throw new Error("no collector")\n' })
  const run = async (module: string): Promise<string> => {
    const server = launch(project, { arguments: ['--import', module, '-b', '127.0.0.1:0', './app.js'] })
    const { code } = await server.exit()
    return `${code} ${server.stderr}`
  }
  assert.match(await run('./none.ts'), /^1 command line: --import: cannot find module "\.\/none\.ts": tried /)
  assert.match(
    await run('./broken.ts'),
    /^3 [^]*failed to boot: import: cannot load \.\/broken\.ts: no collector/,
  )
  assert.match(
    await run('no-package'),
    /^3 [^]*import: cannot load no-package: Cannot find package 'no-package'/,
  )
})
