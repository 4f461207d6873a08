import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LateModule } from '../../../src/os/late-module.ts'

test('a module is imported when it is needed first, and once', async () => {
  let count = 0
  const late = new LateModule(async () => ({ number: (count += 1) }))
  assert.equal(count, 0)
  assert.deepEqual(await Promise.all([late.load(), late.load()]), [{ number: 1 }, { number: 1 }])
  assert.equal((await late.load()).number, 1)
})

test('after a failure the next call imports it again', async () => {
  const results = [Promise.reject(new Error('no such file')), Promise.resolve('module')]
  results[0]?.catch(() => undefined)
  const late = new LateModule(() => results.shift() ?? Promise.reject(new Error('once more')))
  await assert.rejects(() => late.load(), /no such file/)
  assert.equal(await late.load(), 'module')
})
