// Which values of `worker_class` are names, and where the module of another one is.

import assert from 'node:assert/strict'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findWorkerClass } from '../../../../src/config/app/worker-class-file.ts'
import { classNames, classSettingProblem } from '../../../../src/config/app/worker-class-setting.ts'

test('a name needs no file, also when there is one', (t) => {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-class-'))
  t.after(() => rmSync(directory, { recursive: true }))
  writeFileSync(join(directory, 'sync.js'), '')
  for (const name of classNames) assert.deepEqual(findWorkerClass(name, directory), { file: null })
  assert.deepEqual(findWorkerClass('./sync', directory), { file: join(directory, 'sync.js') })
  assert.deepEqual(findWorkerClass('./sync.js:Lanes.fast', directory), { file: join(directory, 'sync.js') })
})

test('a word that is neither is refused with what there is, a path with where it was searched', () => {
  assert.match(findWorkerClass('nope', '/nowhere').problem ?? '', /^expected "async", .*; got "nope"$/)
  assert.match(findWorkerClass('./nope', '/nowhere').problem ?? '', /^cannot find module "\.\/nope": tried /)
})

test('the form of a value is checked', () => {
  assert.equal(classSettingProblem('async'), undefined)
  assert.equal(classSettingProblem('./lanes.ts:Lanes'), undefined)
  assert.equal(classSettingProblem('@shop/lanes'), undefined)
  assert.match(classSettingProblem('./lanes.ts:Lanes()') ?? '', /write no "\(\)"/)
  assert.match(classSettingProblem('./lanes.ts:') ?? '', /the export after the colon is missing/)
})
