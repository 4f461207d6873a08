// The lines of a stack are those of the source: TypeScript that tsgun compiles, the app's own build with its
// source maps, and both with source-map-support. In the error log, and in the report of a stuck worker.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import ts from 'typescript'
import { ask } from '../helpers/http.ts'
import { createProject, startServer, type Project, type RunningServer } from '../helpers/tsgun.ts'

/** Line 7 throws, line 9 blocks; the types above it make other lines of the JavaScript. */
const source = `interface Request { readonly url: string }
interface Response { end(text: string): void }
interface Nothing {
  readonly nothing: never
}
function fail(): never {
  throw new Error('it failed')
}
function block(): never { for (;;); }

export default function app(request: Request, response: Response): void {
  if (request.url === '/fail') fail()
  if (request.url === '/block') block()
  response.end('ok')
}
`

interface Build {
  readonly what: string
  readonly type: 'module' | 'commonjs'
  readonly inline?: boolean
  /** A line before the source of the entry. */
  readonly first?: string
  readonly packages?: readonly string[]
}

/** What \`tsc\` leaves in dist/. */
function build(project: Project, { type, inline = false, first = '' }: Build): void {
  const { outputText, sourceMapText = '' } = ts.transpileModule(first + source, {
    fileName: 'app.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: type === 'module' ? ts.ModuleKind.ESNext : ts.ModuleKind.CommonJS,
      sourceMap: !inline,
      inlineSourceMap: inline,
      sourceRoot: '../src',
    },
  })
  project.write('dist/app.js', outputText)
  if (!inline) project.write('dist/app.js.map', sourceMapText)
  project.write('src/app.ts', first + source)
}

function start(t: TestContext, each: Build, app: string): Promise<RunningServer> {
  const project = createProject(
    t,
    {
      'package.json': JSON.stringify({ type: each.type }),
      'server.config.mjs': `export default { app: '${app}', bind: '127.0.0.1:0', timeout: 2 }\n`,
    },
    each.packages ?? [],
  )
  build(project, each)
  return startServer(project)
}

async function failRequest(server: RunningServer): Promise<void> {
  assert.equal((await ask(server.url, '/fail')).status, 500)
  await server.says(/it failed\n +at fail .*\n +at (?:Object\.|Server\.)?app /)
}

const builds: readonly Build[] = [
  { what: 'ES modules with maps beside them', type: 'module' },
  { what: 'CommonJS with maps beside it', type: 'commonjs' },
  { what: 'ES modules with maps in them', type: 'module', inline: true },
  {
    what: 'CommonJS with source-map-support',
    type: 'commonjs',
    first: `import 'source-map-support/register';`,
    packages: ['source-map-support', 'buffer-from', 'source-map'],
  },
]

for (const each of builds)
  test(`a failed request shows the source of the app's own build: ${each.what}`, async (t) => {
    const server = await start(t, each, './dist/app.js')
    await failRequest(server)
    const { directory } = server.project
    assert.match(server.stderr, new RegExp(`at fail \\(${directory}/src/app\\.ts:7:9\\)\\n`))
    assert.match(server.stderr, new RegExp(`at .*app \\(${directory}/src/app\\.ts:12:32\\)\\n`))
    await server.stop()
  })

test("the report of a stuck worker shows the source of the app's own build", async (t) => {
  const server = await start(t, { what: '', type: 'module' }, './dist/app.js')
  await assert.rejects(ask(server.url, '/block'))
  await server.says(
    /is stuck in JavaScript[^]*stack:\n +at block \(.*\/src\/app\.ts:9:\d+\)\n +at app \(.*\/src\/app\.ts:13:\d+\)/,
  )
})

test('a build that was overwritten while the app runs is not used for its stacks', async (t) => {
  const server = await start(t, { what: '', type: 'module' }, './dist/app.js')
  server.project.write('dist/app.js.map', server.project.read('dist/app.js.map'))
  await failRequest(server)
  assert.match(server.stderr, /at fail \(file:.*\/dist\/app\.js:2:\d+\)\n/)
  await server.stop()
})

for (const type of ['module', 'commonjs'] as const)
  test(`TypeScript keeps its lines with source-map-support: ${type}`, async (t) => {
    const each: Build = {
      what: '',
      type,
      first: `import 'source-map-support/register${type === 'module' ? '.js' : ''}';`,
      packages: ['source-map-support', 'buffer-from', 'source-map'],
    }
    const server = await start(t, each, './src/app.ts')
    await failRequest(server)
    assert.match(server.stderr, /at fail \(.*\/src\/app\.ts:7:9\)\n +at .*app \(.*\/src\/app\.ts:12:32\)\n/)
    await server.stop()
  })
