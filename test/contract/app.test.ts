// Every kind of app, served by the real bin/tsgun.js with one worker, passes the battery; and some also in
// the other forms in which a project may hold them: CommonJS and ES module, TypeScript and JavaScript.

import { buildSync } from 'esbuild'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createProject, repository, startServer, type Project } from '../helpers/tsgun.ts'
import { type RunningApp, appContract } from './app-contract.ts'

const fixtures = join(repository, 'test/fixtures/apps')

/** Puts the fixtures where they are served from; returns that directory. */
type Form = (project: Project) => string

/** ES modules in TypeScript: what is written is what runs. */
const asWritten: Form = () => fixtures

/** TypeScript in a package without a "type", as most projects of Nest are: by Node's rules it is CommonJS. */
const commonJsTypeScript: Form = (project) => {
  cpSync(fixtures, project.directory, { recursive: true })
  rmSync(project.path('nest/tsconfig.json')) // it extends one of the repository
  const compilerOptions = { experimentalDecorators: true, emitDecoratorMetadata: true, module: 'commonjs' }
  project.write('tsconfig.json', JSON.stringify({ compilerOptions }))
  project.write('package.json', '{}\n')
  return project.directory
}

/** JavaScript as a build step leaves it, with the packages outside. */
const built =
  (fixture: string, format: 'cjs' | 'esm'): Form =>
  (project) => {
    const outfile = project.path(format === 'cjs' ? 'app.cjs' : 'app.mjs')
    buildSync({
      entryPoints: [join(fixtures, fixture)],
      outfile,
      format,
      bundle: true,
      packages: 'external',
      platform: 'node',
    })
    return project.directory
  }

interface Case {
  readonly name: string
  readonly app: string
  readonly form?: Form
  /** Where the project is not in the repository. */
  readonly packages?: readonly string[]
}

const nestPackages = [
  'reflect-metadata',
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  'typescript',
  'express',
]

const cases: readonly Case[] = [
  { name: 'a request listener', app: './listener.ts' },
  { name: 'a request listener in CommonJS JavaScript', app: './app.cjs', form: built('listener.ts', 'cjs') },
  { name: 'a factory', app: './factory.ts:createApp()' },
  {
    name: 'a factory in CommonJS JavaScript',
    app: './app.cjs:createApp()',
    form: built('factory.ts', 'cjs'),
  },
  { name: 'http.Server', app: './http-server.ts:server' },
  { name: 'an object with fetch', app: './fetch.ts' },
  { name: 'an object with fetch in ES module JavaScript', app: './app.mjs', form: built('fetch.ts', 'esm') },
  { name: 'Express', app: './express' },
  {
    name: 'Express in CommonJS TypeScript',
    app: './express.ts',
    form: commonJsTypeScript,
    packages: ['express'],
  },
  {
    name: 'Express in ES module JavaScript',
    app: './app.mjs',
    form: built('express.ts', 'esm'),
    packages: ['express'],
  },
  {
    name: 'Express in CommonJS JavaScript',
    app: './app.cjs',
    form: built('express.ts', 'cjs'),
    packages: ['express'],
  },
  { name: 'Koa', app: './koa.ts:default' },
  { name: 'Fastify', app: './fastify' },
  {
    name: 'Fastify in CommonJS TypeScript',
    app: './fastify.ts',
    form: commonJsTypeScript,
    packages: ['fastify'],
  },
  { name: 'Hono', app: './hono' },
  { name: 'h3', app: './h3' },
  { name: 'Nest', app: './nest/app.ts:createApp()' },
  {
    name: 'Nest in CommonJS TypeScript',
    app: './nest/app.ts:createApp()',
    form: commonJsTypeScript,
    packages: nestPackages,
  },
]

for (const each of cases) appContract(each.name, () => serve(each))

async function serve({ app, form = asWritten, packages = [] }: Case): Promise<RunningApp> {
  const cleaning: (() => Promise<void>)[] = []
  const project = createProject({ after: (step) => void cleaning.push(step) }, {}, packages)
  const words = [
    '--chdir',
    form(project),
    '-b',
    '127.0.0.1:0',
    '--boot-timeout',
    '20',
    '--health-check',
    '/echo',
    app,
  ]
  const server = await startServer(project, { arguments: words }).catch(async (error: unknown) => {
    for (const step of cleaning.splice(0)) await step()
    throw error
  })
  return {
    url: server.url,
    reported: () => Promise.resolve(server.stderr),
    async stop() {
      await server.stop()
      for (const step of cleaning.splice(0)) await step()
      return server.stdout
    },
  }
}
