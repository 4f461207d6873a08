// `tsgun init` in projects as users have them: the config that it writes serves, with the command that it
// prints.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { ask } from '../helpers/http.ts'
import { createProject, launch, startServer, type Project } from '../helpers/tsgun.ts'

interface Printed {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function init(project: Project, ...words: readonly string[]): Promise<Printed> {
  const command = launch(project, { arguments: ['init', ...words] })
  const { code } = await command.exit()
  return { code, stdout: command.stdout, stderr: command.stderr }
}

interface ProjectCase {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly packages?: readonly string[]
  readonly says: RegExp
  readonly body: string
}

const projects: readonly ProjectCase[] = [
  {
    name: 'Express in CommonJS that exports its app',
    files: {
      'package.json': '{ "main": "app.js", "dependencies": { "express": "5" } }',
      'app.js': `const app = require('express')()\napp.get('/', (req, res) => res.send('express'))\nmodule.exports = app\n`,
    },
    packages: ['express'],
    says: /server\.config\.ts is written for Express: app\.js \("main" of package\.json\)/,
    body: 'express',
  },
  {
    name: 'a fetch app in TypeScript',
    files: {
      'package.json': '{ "type": "module", "scripts": { "start": "tsx src/server.ts" } }',
      'src/server.ts': `const text: string = 'typed'\nexport default { fetch: (): Response => new Response(text) }\n`,
    },
    says: /server\.config\.ts is written for the app: src\/server\.ts \(what `npm start` runs/,
    body: 'typed',
  },
  {
    name: "Express's generator, in CommonJS",
    files: {
      'package.json': '{ "scripts": { "start": "node ./bin/www" }, "dependencies": { "express": "5" } }',
      'app.js': `const app = require('express')()\napp.get('/', (q, s) => s.send('www'))\nmodule.exports = app\n`,
      'bin/www':
        `#!/usr/bin/env node\nconst server = require('http').createServer(require('../app'))\n` +
        `server.listen(process.env.PORT || '3000')\n`,
    },
    packages: ['express'],
    says: /server\.config\.ts is written for Express: bin\/www \(what `npm start` runs/,
    body: 'www',
  },
  {
    name: 'a Fastify program in ES modules, with flags and variables',
    files: {
      'package.json':
        '{ "type": "module", "dependencies": { "fastify": "5" }, "scripts": { "start": ' +
        '"TEXT=fastify node --max-http-header-size=9000 server.js | pino-pretty" } }',
      'server.js':
        `import Fastify from 'fastify'\nconst app = Fastify()\napp.get('/', () => process.env.TEXT)\n` +
        `await app.listen({ port: 3000 })\n`,
    },
    packages: ['fastify'],
    says: /server\.config\.ts is written for Fastify: server\.js/,
    body: 'fastify',
  },
  {
    name: 'a plain program that listens',
    files: {
      'package.json': '{}',
      'index.js': `require('http').createServer((req, res) => res.end('plain')).listen(8123)\n`,
    },
    says: /server\.config\.ts is written for the app: index\.js/,
    body: 'plain',
  },
  {
    name: 'Nest, built',
    files: {
      'package.json':
        '{ "dependencies": { "@nestjs/core": "11" }, "scripts": { "start": "nest start", ' +
        '"start:prod": "node dist/main" } }',
      'dist/main.js':
        `const { NestFactory } = require('@nestjs/core')\nclass AppModule {}\n` +
        `Reflect.decorate([require('@nestjs/common').Module({})], AppModule)\n` +
        `NestFactory.create(AppModule, { logger: false }).then((app) => {\n` +
        `  app.getHttpAdapter().get('/', (req, res) => res.send('nest'))\n` +
        `  return app.listen(process.env.PORT ?? 3000)\n})\n`,
    },
    packages: ['@nestjs/core', '@nestjs/common', '@nestjs/platform-express', 'reflect-metadata', 'rxjs'],
    says: /server\.config\.ts is written for Nest: dist\/main\.js \(what `npm run start:prod` runs/,
    body: 'nest',
  },
]

/** What a user does: init, then the command that it prints. */
async function serves(t: TestContext, { files, packages = [], says, body }: ProjectCase): Promise<void> {
  const project = createProject(t, files, packages)
  const { code, stdout, stderr } = await init(project)
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  assert.match(stdout, says)
  assert.match(stdout, /\nNext:\n {2}npx tsgun\n {2}curl http:\/\/127\.0\.0\.1:\d+\/\n$/)
  const server = await startServer(project, { arguments: ['-b', '127.0.0.1:0', '-w', '2'] })
  assert.equal((await ask(server.url, '/')).body, body)
  await server.stop()
}

for (const each of projects)
  test(`after init the printed command serves: ${each.name}`, (t) => serves(t, each))

test('init overwrites nothing', async (t) => {
  for (const file of ['server.config.ts', 'server.config.mjs', 'server.config.yaml']) {
    const project = createProject(t, { [file]: 'mine', 'server.js': 'createServer()' })
    const { code, stdout, stderr } = await init(project)
    assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
    assert.match(stderr, new RegExp(`^tsgun init: ${file} exists already.*\\n$`))
    assert.equal(project.read(file), 'mine')
  }
  const project = createProject(t, { 'package.json': '{ "tsgun": {} }', 'server.js': 'createServer()' })
  assert.match((await init(project)).stderr, /"tsgun" of package\.json exists already/)
})

test('where init finds no app it says what it looked for, and writes nothing', async (t) => {
  const project = createProject(t, { 'package.json': '{ "scripts": { "start": "vite" } }' })
  const { code, stderr } = await init(project)
  assert.equal(code, 1)
  assert.match(
    stderr,
    /^tsgun init: no app found in \/.*the start script \(vite\).*name it: tsgun init .*\n$/,
  )
  assert.equal(existsSync(project.path('server.config.ts')), false)
})

test('mistakes on the command line and in package.json are told in one line', async (t) => {
  const project = createProject(t, { 'package.json': '{ "scripts": ' })
  assert.match((await init(project)).stderr, /^tsgun init: \/.*package\.json: .*JSON.*\n$/)
  assert.match((await init(project, '--fast')).stderr, /^tsgun init: unknown flag --fast .*\n$/)
  assert.match(
    (await init(project, 'a.js', 'b.js')).stderr,
    /^tsgun init: expected one file; got a\.js, b\.js\n$/,
  )
  const help = await init(project, '--help')
  assert.equal(help.code, 0)
  assert.match(help.stdout, /^Usage: tsgun init \[app\]\n/)
})
