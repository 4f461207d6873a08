import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../../../src/config/app/errors.ts'
import { appSettingProblem, parseAppSetting } from '../../../../src/config/app/app-setting.ts'

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

for (const [setting, parsed] of Object.entries(valid)) {
  test(`"${setting}" is parsed`, () => assert.deepEqual(parseAppSetting(setting), parsed))
}

const invalid = {
  '': /the module is missing/,
  ':app': /the module is missing/,
  'app.ts:': /the export after the colon is missing/,
  'app.ts:a:b': /"a:b" is not an export name/,
  'app.ts:a.': /"a\." is not an export name/,
  'app.ts:1a': /"1a" is not an export name/,
  'app.ts:()': /"\(\)" is not an export name/,
  'app.ts:make(1)': /a factory is called without arguments/,
  'app()': /"app\(\)" is not a module name/,
  'my app.ts': /is not a module name/,
}

for (const [setting, message] of Object.entries(invalid)) {
  test(`"${setting}" is refused with the reason and the accepted forms`, () => {
    assert.throws(
      () => parseAppSetting(setting),
      (error: unknown) =>
        error instanceof AppError &&
        message.test(error.message) &&
        /"module:factory\(\)"/.test(error.message),
    )
  })
}

test('the problem of a setting is text, and undefined for a valid setting', () => {
  assert.equal(appSettingProblem('./app.ts:make()'), undefined)
  assert.equal(appSettingProblem('./app.ts:make(1)'), 'a factory is called without arguments: write "()"')
})
