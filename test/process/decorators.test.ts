// `emitDecoratorMetadata`: Nest and class-validator from TypeScript source and from the project's own build.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { killProcess } from '../helpers/processes.ts'
import {
  createProject,
  launch,
  repository,
  startServer,
  type Cleaner,
  type Project,
} from '../helpers/tsgun.ts'

const nest = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'class-validator',
  'class-transformer',
]

/** The example: CommonJS, as `nest new` makes it, or ES modules, whose imports have extensions. */
function nestProject(t: Cleaner, compilers: readonly string[], type = 'commonjs'): Project {
  const project = createProject(t, {}, [...nest, ...compilers])
  const example = join(repository, 'config-examples/nest')
  cpSync(example, project.directory, { recursive: true })
  project.write('package.json', JSON.stringify({ name: 'shop', type }))
  if (type === 'module')
    for (const file of ['main.ts', 'app.module.ts', 'app.controller.ts', 'app.service.ts'])
      project.write(`src/${file}`, project.read(`src/${file}`).replaceAll(/(from '\.\/.*)'/g, "$1.js'"))
  return project
}

async function works(url: string): Promise<void> {
  assert.equal((await ask(url, '/')).body, 'Hello World!')
  assert.equal((await ask(url, '/greetings/de')).body, '{"greeting":"hallo"}')
  const post = (body: object): Promise<Response> =>
    fetch(`${url}/greetings`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const good = await post({ language: 'fr', word: 'salut' })
  assert.deepEqual([good.status, await good.text()], [201, '{"language":"fr","word":"salut"}'])
  const bad = await post({ language: 'fr', word: 1 })
  assert.equal(bad.status, 400)
  assert.match(await bad.text(), /word must be a string/)
}

const start = ['-b', '127.0.0.1:0', '-w', '1']

for (const type of ['commonjs', 'module']) {
  for (const compiler of ['typescript', '@swc/core']) {
    test(`Nest serves from its source (${type}, ${compiler}): injection by type, ValidationPipe, stacks`, async (t) => {
      const server = await startServer(nestProject(t, [compiler], type), { arguments: start })
      await works(server.url)
      assert.equal((await ask(server.url, '/error')).status, 500)
      await server.says(/Error: this route always fails\n.*src\/app\.controller\.ts:31:11/)
      server.signal('SIGHUP')
      await server.says(/reload done/)
      await works(server.url)
      await server.stop()
    })
  }
}

test('a replaced worker needs neither the source nor the compiler', async (t) => {
  const project = nestProject(t, ['typescript'])
  const server = await startServer(project, { arguments: start })
  rmSync(project.path('node_modules/typescript'))
  rmSync(project.path('src/app.service.ts'))
  rmSync(project.path('src/create-greeting.dto.ts'))
  killProcess(server.workerPids[0] ?? 0, 'SIGKILL')
  await server.says(/is ready after/, 2)
  await works(server.url)
  await server.stop()
})

test('Nest serves from its build', async (t) => {
  const project = nestProject(t, ['typescript', 'reflect-metadata'])
  const tsc = join(repository, 'node_modules/typescript/bin/tsc')
  execFileSync(process.execPath, [
    tsc,
    '-p',
    project.path('tsconfig.json'),
    '--typeRoots',
    join(repository, 'node_modules/@types'),
  ])
  rmSync(project.path('src'), { recursive: true })
  rmSync(project.path('node_modules/typescript'))
  const server = await startServer(project, { arguments: [...start, './dist/main.js'] })
  await works(server.url)
  await server.stop()
  assert.match(server.stdout, /the database pool would be closed here/)
})

test('without typescript and @swc/core the start says in one line what to install', async (t) => {
  const launched = launch(nestProject(t, []), { arguments: start })
  assert.deepEqual(await launched.exit(), { code: 3, signal: null })
  assert.match(
    launched.stderr,
    /src\/app\.\w+\.ts has decorators and its tsconfig\.json sets emitDecoratorMetadata: install typescript or @swc\/core in the project/,
  )
})
