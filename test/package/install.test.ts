// The package as a user gets it: packed, installed from the tarball into empty projects, run and compiled
// against there.

import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { after, before, test, type TestContext } from 'node:test'
import { formatMessage } from 'publint/utils'
import { publint } from 'publint'
import { ask } from '../helpers/http.ts'
import { ownFiles } from '../../src/os/own-code.ts'
import { createProject, repository, startServer, type Project } from '../helpers/tsgun.ts'

interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string }[]
}

const directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-pack-'))
const packed: Packed[] = []
after(() => rmSync(directory, { recursive: true }))

// Without scripts: `npm test` has built already, and a build while other tests run from dist/ would replace
// the files that they use.
before(() => {
  const { stdout, stderr } = run(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', directory],
    repository,
  )
  assert.notEqual(stdout, '', stderr)
  packed.push(...packList(JSON.parse(stdout)))
})

/** npm 12 returns an object by package name, earlier versions a list. */
function packList(output: unknown): Packed[] {
  return Object.values(Object(output)) as Packed[] // npm's own format
}

const tarball = (): string => join(directory, packed[0]?.filename ?? '')
const paths = (): string[] => packed[0]?.files.map(({ path }) => path) ?? []

function run(command: string, words: readonly string[], cwd: string): SpawnSyncReturns<string> {
  const env = { ...process.env }
  for (const name of ['NODE_OPTIONS', 'NODE_TEST_CONTEXT']) delete env[name]
  return spawnSync(command, words, { cwd, env, encoding: 'utf8', timeout: 400_000 })
}

test('the tarball has the code and the documents, and neither tests nor source maps', () => {
  const files = paths()
  for (const file of [
    'bin/tsgun.js',
    'bin/tsgunctl.js',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/worker/main.js',
    'dist/THIRD-PARTY-LICENSES.txt',
    ...ownFiles.map((file) => `dist/${file}.js`),
  ])
    assert.ok(files.includes(file), file)
  for (const file of ['dist/settings.schema.json', 'package.json', 'LICENSE'])
    assert.ok(files.includes(file), file)
  const others = files.filter(
    (file) => !/^(bin|dist|docs|config-examples)\/|^(package\.json|LICENSE|[A-Z]+\.md)$/.test(file),
  )
  assert.deepEqual(others, [])
  assert.deepEqual(
    files.filter((file) => /(^|\/)(node_modules|package-lock\.json)/.test(file)),
    [],
  )
  const code = files.filter((file) => !file.startsWith('config-examples/'))
  assert.deepEqual(
    code.filter((file) => /\.map$|\.tsbuildinfo$|\.test\.|(?<!\.d)\.ts$/.test(file)),
    [],
  )
  for (const file of files.filter((name) => /\.(d\.ts|js)$/.test(name)))
    assert.doesNotMatch(readFileSync(join(repository, file), 'utf8'), /^\/\/# sourceMappingURL=/m, file)
})

test('the tarball has the pages, and every link in them leads to a file of the tarball', () => {
  const files = paths()
  const pages = files.filter((file) => file.endsWith('.md'))
  for (const file of ['README.md', 'CHANGELOG.md', 'docs/README.md', 'docs/run/doctor.md'])
    assert.ok(pages.includes(file), file)
  const broken = pages.flatMap((page) =>
    [...readFileSync(join(repository, page), 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
      .map(([, link = '']) => normalize(join(dirname(page), link)))
      .filter((target) => !files.some((file) => file === target || file.startsWith(`${target}/`)))
      .map((target) => `${page}: ${target}`),
  )
  assert.deepEqual(broken, [])
})

test('publint reports nothing', async () => {
  const { messages, pkg } = await publint({ pkgDir: repository, strict: true })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  )
})

/** The error of npm, or of its process at the time limit. */
const noRegistry =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|TIMED?_?OUT|ENOTCACHED|\bE(429|5\d\d)\b|network/i

/** Installs the tarball as a user would; returns false, with a diagnostic, if no registry can be reached. */
function install(t: TestContext, project: Project): boolean {
  rmSync(project.path('node_modules'), { recursive: true })
  const words = ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball(), `@types/node@^20.19.0`]
  const { status, stdout, stderr, error } = run('npm', words, project.directory)
  if (status === 0) return true
  assert.match(`${stderr}${error?.message}`, noRegistry, `npm install failed\n${stdout}${stderr}`)
  t.skip('skipped: no registry')
  return false
}

const compilers = [
  { module: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
  { module: 'commonjs', moduleResolution: 'bundler' },
]

for (const type of ['module', undefined]) {
  test(`installed into a project ${type ? 'of type module' : 'without a type'}, it runs, serves, and its types compile`, async (t) => {
    const project = createProject(t, {
      'package.json': JSON.stringify({ name: 'a-user', private: true, type }),
      'server.config.ts':
        `import { defineConfig } from 'tsgun'\nenum Size { Two = 2 }\nexport default ` +
        'defineConfig({ ' +
        `app: './app.ts', bind: '127.0.0.1:0', workers: Size.Two })\n`,
      'app.ts':
        `import type { IncomingMessage, ServerResponse } from 'node:http'\nexport default (req: ` +
        `IncomingMessage, res: ServerResponse): void => { res.end('hello ' + req.url) }\n`,
      'typed.ts':
        `import type { Config } from 'tsgun'\nexport default { app: './app.ts', child_exit(_server, worker) ` +
        `{ console.log(worker.exit?.code) } } satisfies Config\n`,
      'wrong.ts':
        `import { defineConfig } from 'tsgun'\n// @ts-expect-error -- a mistake has to be seen ` +
        'here ' +
        `too\nexport default defineConfig({ log_format: 'nope' })\n`,
    })
    if (!install(t, project)) return
    const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as {
      version: string
    }
    assert.equal(run('npx', ['--no-install', 'tsgun', '--version'], project.directory).stdout, `${version}\n`)
    const server = await startServer(project, {
      bin: project.path('node_modules/.bin/tsgun'),
      arguments: ['-c', 'server.config.ts'],
    })
    assert.equal((await ask(server.url, '/there')).body, 'hello /there')
    await server.stop()
    for (const compiler of compilers)
      assert.deepEqual(compile(project, compiler), '', JSON.stringify(compiler))
  })
}

test('the first block of README works in an empty directory', async (t) => {
  const project = createProject(t)
  if (!install(t, project)) return
  const readme = readFileSync(join(repository, 'README.md'), 'utf8')
  const [installs, ...lines] = /```sh\n([^]*?)```/.exec(readme)?.[1]?.trim().split('\n') ?? []
  assert.equal(installs, 'npm install tsgun')
  const last = lines.pop() ?? ''
  for (const line of lines) assert.equal(run('sh', ['-c', line], project.directory).status, 0, line)
  const [npx, command, ...words] = last.split(' ')
  assert.deepEqual([npx, command], ['npx', 'tsgun'])
  const bin = project.path('node_modules/.bin/tsgun')
  const server = await startServer(project, { bin, arguments: [...words, '-b', '127.0.0.1:0'] })
  assert.equal((await ask(server.url, '/')).body, 'hello')
  await server.stop()
})

/** Returns the errors of the repository's compiler, including those in packages (no skipLibCheck). */
function compile(project: Project, options: Readonly<Record<string, unknown>>): string {
  const compilerOptions = {
    ...options,
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    strict: true,
    noEmit: true,
  }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions, include: ['*.ts'] }))
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  return run(process.execPath, [tsc, '-p', project.directory], project.directory).stdout
}
