import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { exportNames, missingImport } from '../../../../src/config/problems/missing-import.ts'
import { rootCause } from '../../../../src/os/root-cause.ts'
import * as index from '../../../../src/index.ts'

const failure = (code: string, message: string, more: object = {}): Error =>
  Object.assign(new Error(message), { code, ...more })

test('a package that is not installed is named with the line that imports it', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-import-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'a.ts')
  writeFileSync(file, `// a\nimport x from '@scope/x/part'\nrequire("y")\n`)
  const of = (name: string, kind = 'package'): string | undefined =>
    missingImport(failure('ERR_MODULE_NOT_FOUND', `Cannot find ${kind} '${name}' imported from ${file}`))
  assert.equal(
    of('@scope/x/part'),
    `${file}:2 imports "@scope/x/part", which is not installed; npm install @scope/x`,
  )
  const required = failure('MODULE_NOT_FOUND', `Cannot find module 'y'\nRequire stack:\n- ${file}`, {
    requireStack: [file],
  })
  assert.equal(missingImport(required), `${file}:3 imports "y", which is not installed; npm install y`)
  assert.equal(
    of('@/lib/x'),
    `${file} imports "@/lib/x", which is no package; is it in the paths of tsconfig.json?`,
  )
  assert.equal(of('/a/b.js', 'module'), undefined)
  assert.equal(missingImport(new Error('other')), undefined)
})

test('a wrong export of tsgun is named, and the names are those of the index', () => {
  assert.deepEqual([...exportNames].sort(), Object.keys(index).sort())
  assert.equal(
    missingImport(new TypeError('(0 , import_tsgun.defineConfg) is not a function')),
    'tsgun exports no "defineConfg"; did you mean "defineConfig"?',
  )
  assert.equal(
    missingImport(new SyntaxError(`The requested module 'tsgun' does not provide an export named 'zzz'`)),
    'tsgun exports no "zzz"; it exports BusError, TaskError, bus, defineConfig, defineTask, defineWorkerClass, drainSignal, log, requestId, requestLog, shared, task',
  )
})

test('the root cause is the innermost cause, or the first error of an AggregateError', () => {
  const root = new Error('root')
  assert.equal(rootCause(new Error('a', { cause: new Error('b', { cause: root }) })), root)
  assert.equal(rootCause(new AggregateError([root, new Error('x')])), root)
  assert.equal(rootCause(root), root)
  assert.equal(rootCause('text'), 'text')
  const circle = new Error('circle')
  circle.cause = circle
  assert.equal(rootCause(circle), circle)
})
