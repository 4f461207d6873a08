import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { AppBootError } from '../../../../src/config/app/errors.ts'
import { findAppFile, resolveModule } from '../../../../src/config/app/resolve-module.ts'

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'tsgun-resolve-')))
after(() => rmSync(directory, { recursive: true }))

const put = (path: string, content = ''): string => {
  const file = join(directory, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  return file
}

const message = (module: string): string => {
  try {
    return resolveModule(module, directory)
  } catch (error) {
    assert.ok(error instanceof AppBootError)
    return error.message
  }
}

test('a module is a file of the directory, with its extension or without', () => {
  const file = put('src/server.mts')
  assert.equal(resolveModule('./src/server.mts', directory), file)
  assert.equal(resolveModule('src/server', directory), file)
  assert.equal(resolveModule(file, '/'), file)
})

test(
  'the TypeScript source comes before the JavaScript beside it, and a file before a folder of the same ' +
    'name',
  () => {
    const source = put('both.ts')
    put('both.js')
    put('both/index.js')
    assert.equal(resolveModule('./both', directory), source)
  },
)

test('a name that is not a file is resolved as a package', () => {
  put('node_modules/the-app/package.json', '{ "name": "the-app", "main": "main.cjs" }')
  const main = put('node_modules/the-app/main.cjs')
  const part = put('node_modules/the-app/part.js')
  assert.equal(resolveModule('the-app', directory), main)
  assert.equal(resolveModule('the-app/part', directory), part)
})

test('a missing module is an error that lists the paths that were tried', () => {
  assert.equal(
    message('nowhere-at-all'),
    `cannot find module "nowhere-at-all": tried ${directory}/nowhere-at-all, with .ts, .mts, .cts, ` +
      '.js, .mjs, .cjs, and the package "nowhere-at-all"',
  )
  assert.doesNotMatch(message('./nowhere-at-all'), /package/)
  assert.match(message('./no-folder/app.ts'), /^cannot find module/)
})

test('a built-in module of Node is not an app', () => {
  assert.match(message('http'), /^cannot find module "http"/)
})

test('a similar file name is suggested: another extension first, then a typo', () => {
  const file = put('near/application.ts')
  put('near/notes.txt')
  for (const wrong of [
    './near/application.js',
    './near/aplication',
    './near/aplication.ts',
    './near/applicatoin.js',
  ]) {
    assert.ok(message(wrong).endsWith(`; did you mean ${file}?`), message(wrong))
  }
  assert.doesNotMatch(message('./near/notes'), /did you mean/)
})

test('a package that does not export the path says so, with the reason as its cause', () => {
  put('node_modules/closed/package.json', '{ "name": "closed", "exports": { ".": "./index.js" } }')
  put('node_modules/closed/index.js')
  assert.throws(
    () => resolveModule('closed/secret', directory),
    (error: unknown) =>
      error instanceof AppBootError && error.cause instanceof Error && /exports/.test(error.cause.message),
  )
})

test('the app file of a release has no symlinks in its path', () => {
  const file = put('releases/1/app.ts')
  symlinkSync('releases/1', join(directory, 'current'))
  assert.deepEqual(findAppFile('./current/app.ts:app', directory), {
    path: join(directory, 'current/app.ts'),
    file,
  })
})

test('the app file of a missing module and of an invalid setting is null', () => {
  assert.equal(findAppFile('./nowhere-at-all.ts', directory).file, null)
  assert.equal(findAppFile('', directory).path, null)
})
