import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newConfig, nextCommands } from '../../../../src/setup/init/init.ts'
import { findApp } from '../../../../src/setup/project/find-app.ts'
import type { Project } from '../../../../src/setup/project/project.ts'
import { fakeProject } from '../fake-project.ts'

function textFor(project: Project): string {
  const app = findApp(project)
  assert.ok(app)
  return newConfig(project, app).text
}

function commandsFor(project: Project): readonly string[] {
  const app = findApp(project)
  assert.ok(app)
  return nextCommands(project, app)
}

const server = 'createServer().listen(3000)'
const built = { scripts: { build: 'tsc', start: 'node dist/a.js' } }

test('the next two commands start the server: as it is, after a build, after an installation', () => {
  assert.deepEqual(commandsFor(fakeProject({ 'server.js': server })), [
    'npx tsgun',
    'curl http://127.0.0.1:3000/',
  ])
  const files = { 'package.json': built, 'src/a.ts': server }
  assert.deepEqual(commandsFor(fakeProject(files)), ['npm run build', 'npx tsgun'])
  assert.deepEqual(commandsFor(fakeProject({ ...files, 'dist/a.js': server }, [])), [
    'npm install tsgun',
    'npx tsgun',
  ])
  assert.deepEqual(commandsFor(fakeProject({ ...files, 'pnpm-lock.yaml': '' }, [])), [
    'pnpm add tsgun && pnpm run build',
    'pnpm exec tsgun',
  ])
})

test('what the start script sets around the app is in the config', () => {
  const script =
    'PORT=4000 NODE_ENV=production node --import ./otel.mjs --env-file=.env --max-http-header-size=9 a.js x'
  const text = textFor(fakeProject({ 'package.json': { scripts: { start: script } }, 'a.js': server }))
  for (const line of [
    `app: './a.js',`,
    `: '127.0.0.1:4000',`,
    `env: { NODE_ENV: 'production' },`,
    `env_file: ['.env'],`,
    `node_args: ['--max-http-header-size=9'],`,
    `import: ['./otel.mjs'],`,
    'Left out: the arguments x.',
  ])
    assert.ok(text.includes(line), `${line}\n${text}`)
})

test('an app that keeps its state in one process gets one worker, and the reason', () => {
  const text = textFor(
    fakeProject({ 'package.json': { dependencies: { 'socket.io': '4' } }, 'app.js': server }),
  )
  assert.match(text, /socket\.io: [^]*\n {2}workers: 1,/)
  assert.match(textFor(fakeProject({ 'app.js': server })), /\n {2}workers: 'auto',/)
})

test('the config is no TypeScript when the build of the project would compile it', () => {
  const files = {
    'package.json': built,
    'dist/a.js': server,
    'tsconfig.json': { compilerOptions: { outDir: 'dist' } },
  }
  const project = fakeProject(files)
  const app = findApp(project)
  assert.ok(app)
  const { file, notes } = newConfig(project, app)
  assert.equal(file, 'server.config.mjs')
  assert.match(notes.join(), /tsconfig\.json/)
})
