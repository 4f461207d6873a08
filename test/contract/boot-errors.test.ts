// An app that does not start: its own error is shown once, even if several workers fail, with its message
// and the place in its source.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createProject, launch } from '../helpers/tsgun.ts'

interface Failing {
  readonly what: string
  readonly files: Readonly<Record<string, string>>
  readonly packages?: readonly string[]
  readonly app?: string
  readonly message: RegExp
  /** `file:line:` of the source. */
  readonly place: string
}

const interfaceOnTop = 'interface Settings {\n  readonly url: string\n}\n'

const failing: readonly Failing[] = [
  {
    what: 'throws in an ES module in TypeScript',
    files: { 'app.ts': `${interfaceOnTop}throw new Error('no database')\nexport default {}\n` },
    message: /cannot load .*app\.ts: no database/,
    place: 'app.ts:4:',
  },
  {
    what: 'throws in a CommonJS module in TypeScript, below another one',
    files: {
      'package.json': '{}',
      'app.ts': `import { connect } from './database'\nexport default connect()\n`,
      'database.ts':
        `${interfaceOnTop}\nexport const connect = (): never => {\n  throw new Error('no ` +
        `database')\n}\n`,
    },
    message: /cannot load .*app\.ts: no database/,
    place: 'database.ts:6:',
  },
  {
    what: 'has a factory that rejects',
    files: {
      'app.ts': `${interfaceOnTop}export async function create() {\n  throw new Error('no database')\n}\n`,
    },
    app: './app.ts:create()',
    message: /the app's export "create\(\)" failed: no database/,
    place: 'app.ts:5:',
  },
  {
    what: 'has a startup() that rejects',
    files: {
      'app.ts':
        `${interfaceOnTop}export async function startup() {\n  throw new Error('no ` +
        `database')\n}\nexport default (req, res) => res.end()\n`,
    },
    message: /no database/,
    place: 'app.ts:5:',
  },
  {
    what: 'is Fastify with a plugin that fails',
    files: {
      'app.ts':
        `import fastify from 'fastify'\n${interfaceOnTop}const app = fastify()\napp.register(async ` +
        '() ' +
        `=> {\n  throw new Error('no database')\n})\nexport default app\n`,
    },
    packages: ['fastify'],
    message: /the app of .*app\.ts did not start: no database/,
    place: 'app.ts:7:',
  },
  {
    what: 'is Nest with a module that fails',
    files: {
      'package.json': '{}',
      'tsconfig.json':
        '{ "compilerOptions": { "experimentalDecorators": true, "emitDecoratorMetadata": true } }',
      'app.ts':
        `import 'reflect-metadata'\nimport { Module } from '@nestjs/common'\nimport { NestFactory } ` +
        `from '@nestjs/core'\n@Module({})\nclass App {\n  onModuleInit() {\n    throw new Error('no ` +
        `database')\n  }\n}\nexport const create = () => NestFactory.create(App, { logger: false })\n`,
    },
    packages: [
      'reflect-metadata',
      '@nestjs/common',
      '@nestjs/core',
      '@nestjs/platform-express',
      'typescript',
    ],
    app: './app.ts:create()',
    message: /the app of .*app\.ts did not start: no database/,
    place: 'app.ts:7:',
  },
  {
    what: 'has a syntax error',
    files: { 'app.ts': `${interfaceOnTop}const broken = = 1\nexport default {}\n` },
    message: /Unexpected "="/,
    place: 'app.ts:4:',
  },
  {
    what: 'imports a module that is not there',
    files: { 'app.ts': `import './missing.ts'\nexport default (req, res) => res.end()\n` },
    message: /cannot load .*app\.ts: .*missing\.ts/,
    place: 'app.ts',
  },
]

for (const { what, files, packages = [], app = './app.ts', message, place } of failing) {
  test(`an app that ${what} ends the start with exit code 3 and its error once, at its source`, async (t) => {
    const project = createProject(t, files, packages)
    const server = launch(project, { arguments: ['-w', '3', '-b', '127.0.0.1:0', app] })
    assert.deepEqual(await server.exit(), { code: 3, signal: null })
    const records = server.stderr.split(/^(?=\[\d{4}-)/m)
    const reports = records.filter((record) => record.includes('failed to boot'))
    assert.equal(reports.length, 1, server.stderr)
    assert.match(reports[0] ?? '', message)
    assert.ok(reports[0]?.includes(project.path(place)), server.stderr)
    assert.doesNotMatch(reports[0] ?? '', /AppBootError/, 'the stack is that of the app, not of tsgun')
    assert.doesNotMatch(server.stderr, /\[WARN\]|SIG/, 'nothing else is logged')
    assert.match(records.at(-1) ?? '', /stopped/)
  })
}

test(
  'a module without an app, or a missing one, ends the start with one line and without a ' + 'stack',
  async (t) => {
    const project = createProject(t)
    // Without a type it is CommonJS.
    for (const manifest of [{ type: 'module' }, {}]) {
      project.write('package.json', JSON.stringify(manifest))
      project.write('app.ts', 'export const answer = 42\n')
      const none = launch(project, { arguments: ['-w', '2', '-b', '127.0.0.1:0', './app.ts'] })
      assert.deepEqual(await none.exit(), { code: 4, signal: null })
      assert.match(
        none.stderr,
        /failed to boot: \.\/app\.ts has no default export .*; it exports answer \(a number\); expected/,
      )
      assert.doesNotMatch(none.stderr, /^ +at /m)
    }
    const missing = launch(project, { arguments: ['-w', '2', '-b', '127.0.0.1:0', './ap.ts'] })
    assert.deepEqual(await missing.exit(), { code: 1, signal: null })
    assert.match(missing.stderr, /cannot find module ".\/ap\.ts": .*did you mean .*app\.ts\?/)
    assert.doesNotMatch(missing.stderr, /^ +at /m)
  },
)

test('--check-config shows the error of the app with its source, and exits with 1', async (t) => {
  const project = createProject(t, {
    'app.ts': `${interfaceOnTop}throw new Error('no database')\nexport default {}\n`,
  })
  const check = launch(project, { arguments: ['--check-config', './app.ts'] })
  assert.deepEqual(await check.exit(), { code: 1, signal: null })
  assert.match(
    check.stderr,
    /^app \.\/app\.ts: cannot load .*app\.ts: no database\nError: no database\n +at .*app\.ts:4:/,
  )
})
