import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configObject } from '../../../../src/config/sources/config-object.ts'

test('the config is the default export, the result of its function, or what CommonJS exports', async () => {
  const config = { workers: 2 }
  for (const module of [
    { default: config },
    { default: () => config },
    { default: () => Promise.resolve(config) },
    { default: Promise.resolve(config) },
    { default: { __esModule: true, default: config } },
  ])
    assert.equal(await configObject(module), config)
  for (const [module, what] of [
    [{}, 'undefined'],
    [{ default: { __esModule: true, other: 1 } }, 'undefined'],
    [{ default: 5 }, '5'],
    [{ default: () => undefined }, 'undefined'],
  ] as const)
    await assert.rejects(() => configObject(module), new RegExp(`got ${what}$`))
  await assert.rejects(() => configObject({ default: null }), TypeError)
  await assert.rejects(() => configObject({ default: [] }), TypeError)
})
