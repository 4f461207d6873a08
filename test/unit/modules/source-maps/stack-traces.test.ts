// Stacks under the formatters that apps install: each sees TypeScript at its place in the source, once.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { runInThisContext } from 'node:vm'
import { transformSync } from 'esbuild'
import { mapPrefix } from '../../../../src/modules/source-maps/map-of-code.ts'
import { mapStackTraces } from '../../../../src/modules/source-maps/stack-traces.ts'

const file = '/srv/app.ts'
const source = `interface A {
  b: string
}
(): Error => new Error('it failed')`
const inSource = `${file}:4:14`

/** A function that returns an error of the source above, as it is compiled. */
function compiled(t: TestContext): () => Error {
  const standard = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
  process.setSourceMapsEnabled(false) // tsx turns them on
  t.after(() => process.setSourceMapsEnabled(true))
  t.after(() => Object.defineProperty(Error, 'prepareStackTrace', standard ?? {}))
  const { code, map } = transformSync(source, { loader: 'ts', sourcemap: true, sourcefile: file })
  const stored = `${code.replace(/\n\/\/# source.*/s, '')}\n${mapPrefix}${Buffer.from(map).toString('base64')}\n`
  mapStackTraces((path) => (path === file ? stored : undefined))
  return runInThisContext(stored, { filename: file }) as () => Error
}

const textOf = (frames: readonly NodeJS.CallSite[]): string =>
  frames.map((frame) => `${frame.getFileName()}:${frame.getLineNumber()}:${frame.getColumnNumber()}`)[0] ?? ''

test('without a formatter of the app, stacks are those of V8 in the source', (t) => {
  assert.match(compiled(t)().stack ?? '', new RegExp(`^Error: it failed\n    at ${inSource}\n`))
})

test('a formatter of the app receives frames in the source, as calls and as text', (t) => {
  const fail = compiled(t)
  Error.prepareStackTrace = (_, frames) => `${textOf(frames)} ${String(frames[0])}`
  assert.equal(fail().stack, `${inSource} ${inSource}`)
})

test('a formatter that copies frames, or calls the one before it, does not map twice', (t) => {
  const fail = compiled(t)
  const before = Error.prepareStackTrace
  Error.prepareStackTrace = (error, frames) => String(before?.(error, frames))
  const once = Error.prepareStackTrace
  Error.prepareStackTrace = (error, frames) => String(once(error, frames))
  assert.match(fail().stack ?? '', new RegExp(`^Error: it failed\n    at ${inSource}\n`))
})

test('what an app has found and sets again, or removes, is as before', (t) => {
  const fail = compiled(t)
  const before = Error.prepareStackTrace
  Error.prepareStackTrace = (_, frames) => frames
  assert.equal(textOf(fail().stack as unknown as readonly NodeJS.CallSite[]), inSource)
  const theirs = Error.prepareStackTrace
  Error.prepareStackTrace = before
  assert.equal(Error.prepareStackTrace, before)
  assert.match(fail().stack ?? '', new RegExp(`at ${inSource}\n`))
  Error.prepareStackTrace = theirs
  assert.equal(Error.prepareStackTrace, theirs)
  Reflect.set(Error, 'prepareStackTrace', undefined)
  assert.match(fail().stack ?? '', new RegExp(`at ${inSource}\n`))
})

test('an error whose name throws has a stack', (t) => {
  const error = compiled(t)()
  Object.defineProperty(error, 'name', {
    get() {
      throw new Error('no name')
    },
  })
  assert.match(error.stack ?? '', new RegExp(`^<error>\n    at ${inSource}\n`))
})
