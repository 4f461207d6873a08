import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../../src/config/app/errors.ts'
import { parseReference } from '../../../../src/config/app/reference.ts'

const valid = {
  './app.ts': { module: './app.ts', call: false },
  'app.ts': { module: 'app.ts', call: false },
  'pkg/name': { module: 'pkg/name', call: false },
  '@scope/pkg:app': { module: '@scope/pkg', export: 'app', call: false },
  './app.ts:app': { module: './app.ts', export: 'app', call: false },
  './app.ts:default': { module: './app.ts', export: 'default', call: false },
  './dir/app.js:server.app': { module: './dir/app.js', export: 'server.app', call: false },
  'app:createApp()': { module: 'app', export: 'createApp', call: true },
  'app:make.app()': { module: 'app', export: 'make.app', call: true },
  ' ./app.ts:$app_1 ': { module: './app.ts', export: '$app_1', call: false },
}

for (const [setting, reference] of Object.entries(valid)) {
  test(`"${setting}" is read`, () => assert.deepEqual(parseReference(setting), reference))
}

const invalid = {
  '': /names no module/,
  ':app': /names no module/,
  'app.ts:': /nothing follows the colon/,
  'app.ts:a:b': /"a:b" is not the name of an export/,
  'app.ts:a.': /"a\." is not the name of an export/,
  'app.ts:1a': /"1a" is not the name of an export/,
  'app.ts:()': /"\(\)" is not the name of an export/,
  'app.ts:make(1)': /a factory is called without arguments/,
  'app()': /"app\(\)" is not the name of a module/,
  'my app.ts': /is not the name of a module/,
}

for (const [setting, message] of Object.entries(invalid)) {
  test(`"${setting}" is refused, with what is wrong and what is expected`, () => {
    assert.throws(
      () => parseReference(setting),
      (error: unknown) =>
        error instanceof AppError &&
        message.test(error.message) &&
        /"module:factory\(\)"/.test(error.message),
    )
  })
}
