import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findApp } from '../../../../src/setup/project/find-app.ts'
import { fakeProject } from '../fake-project.ts'

const server = 'createServer(listener).listen(process.env.PORT || 3000)'

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string | object>>
  readonly path: string | undefined
  readonly exists?: boolean
  readonly framework?: string
  readonly reason?: RegExp
  readonly missing?: RegExp
  readonly source?: string
  readonly named?: string
}

const start = (command: string, more: object = {}): object => ({ scripts: { start: command }, ...more })
const depends = (...names: readonly string[]): object => ({
  dependencies: Object.fromEntries(names.map((name) => [name, '1'])),
})

const cases: readonly Case[] = [
  {
    name: "Express's generator",
    files: { 'package.json': start('node ./bin/www', depends('express')), 'bin/www': server },
    path: 'bin/www',
    framework: 'Express',
    reason: /npm start.*node \.\/bin\/www/,
  },
  {
    name: 'node .',
    files: { 'package.json': start('node .', { main: 'lib/main' }), 'lib/main.js': server },
    path: 'lib/main.js',
  },
  {
    name: 'a build that has not run',
    files: { 'package.json': start('node dist/index.js'), 'src/index.ts': server },
    path: 'dist/index.js',
    exists: false,
    source: 'src/index.ts',
  },
  {
    name: 'Nest, whose script for production is not `start`',
    files: {
      'package.json': {
        scripts: { start: 'nest start', 'start:prod': 'node dist/main' },
        ...depends('@nestjs/core', 'express'),
      },
      'src/main.ts': server,
    },
    path: 'dist/main.js',
    exists: false,
    framework: 'Nest',
    source: 'src/main.ts',
  },
  {
    name: 'Next without standalone',
    files: { 'package.json': start('next start', depends('next')), 'next.config.mjs': 'export default {}' },
    path: '.next/standalone/server.js',
    exists: false,
    framework: 'Next.js',
    missing: /output: 'standalone'/,
  },
  {
    name: 'Next with standalone',
    files: {
      'package.json': start('next start', depends('next')),
      'next.config.ts': `export default { output: "standalone" }`,
    },
    path: '.next/standalone/server.js',
    exists: false,
  },
  {
    name: 'Next with a server of its own',
    files: {
      'package.json': start('NODE_ENV=production node server.js', depends('next')),
      'server.js': server,
    },
    path: 'server.js',
    framework: 'Next.js',
  },
  {
    name: 'Nuxt, built',
    files: { 'package.json': start('nuxt start', depends('nuxt')), '.output/server/index.mjs': '' },
    path: '.output/server/index.mjs',
    framework: 'Nuxt',
  },
  {
    name: 'SvelteKit without its Node adapter',
    files: { 'package.json': start('vite preview', depends('@sveltejs/kit')) },
    path: 'build/index.js',
    exists: false,
    missing: /adapter-node/,
  },
  {
    name: 'fastify-cli',
    files: { 'package.json': start('fastify start -l info -p 4 app.js', depends('fastify')), 'app.js': '' },
    path: 'app.js',
    framework: 'Fastify',
  },
  {
    name: 'PM2 in the script',
    files: { 'package.json': start('pm2 start app.js -i max'), 'app.js': server },
    path: 'app.js',
  },
  {
    name: 'main',
    files: { 'package.json': { main: 'lib/x.js' }, 'lib/x.js': server },
    path: 'lib/x.js',
    reason: /main/,
  },
  {
    name: 'main that is a library',
    files: {
      'package.json': { main: 'lib.js' },
      'lib.js': 'exports.add = 1',
      'app.ts': 'export default { fetch() {} }',
    },
    path: 'app.ts',
  },
  { name: 'a usual name without a package.json', files: { 'src/server.ts': server }, path: 'src/server.ts' },
  { name: 'a usual name that serves nothing', files: { 'index.js': 'console.log(1)' }, path: undefined },
  { name: 'a script that runs no file', files: { 'package.json': start('vite') }, path: undefined },
  { name: 'a script outside', files: { 'package.json': start('node ../other/app.js') }, path: undefined },
  { name: 'named', files: { 'other/x.ts': '' }, named: './other/x', path: 'other/x.ts' },
  { name: 'named and missing', files: { 'server.js': server }, named: './nix.ts', path: undefined },
]

for (const { name, files, named, path, exists = true, framework, reason, missing, source } of cases) {
  test(`finds the app: ${name}`, () => {
    const found = findApp(fakeProject(files), named)
    assert.equal(found?.path, path)
    if (path === undefined) return
    assert.equal(found?.exists, exists)
    if (framework !== undefined) assert.equal(found?.framework?.name, framework)
    if (reason !== undefined) assert.match(found?.reason ?? '', reason)
    if (missing === undefined) assert.equal(found?.missing, undefined)
    else assert.match(found?.missing ?? '', missing)
    if (source !== undefined) assert.equal(found?.source, source)
  })
}

test('other files that look like a server are told', () => {
  const found = findApp(fakeProject({ 'server.js': server, 'app.js': server }))
  assert.deepEqual([found?.path, found?.others], ['server.js', ['app.js']])
})
