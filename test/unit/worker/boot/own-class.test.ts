// What the module of a worker class may export, and what its mistakes are called.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppBootError } from '../../../../src/config/app/errors.ts'
import { createOwnClass, type OwnClass } from '../../../../src/worker/boot/own-class.ts'
import { bootMessage } from '../fake-worker.ts'

type Exports = Readonly<Record<string, unknown>>

function create(exported: Exports, values: Exports = {}): Promise<OwnClass> {
  const load = (): Promise<Exports> => Promise.resolve(exported)
  const watch = { enter: () => undefined }
  const message = bootMessage({ worker_class: '/srv/class.ts', ...values })
  return createOwnClass({ message, loader: { load }, watch }, '/srv/class.ts')
}

const service = { request: () => undefined, own: 5, help: () => undefined }
const definition = { create: () => service }

test('a class is the default export, that of a compiled module, or the named one', async () => {
  assert.equal((await create({ default: definition })).service, service)
  assert.equal((await create({ default: { __esModule: true, default: definition } })).service, service)
  const named = { worker_class: '/srv/class.ts:Lanes' }
  assert.equal((await create({ Lanes: definition }, named)).service, service)
  assert.equal((await create({ default: { Lanes: definition } }, named)).service, service)
})

test('the base is async unless it says sync', async () => {
  assert.equal((await create({ default: definition })).base, 'async')
  assert.equal((await create({ default: { ...definition, base: 'sync' } })).base, 'sync')
})

const mistakes: readonly (readonly [exported: Exports, message: RegExp])[] = [
  [{ Lanes: definition }, /has no default export; it exports Lanes \(an object\); expected: export default/],
  [{ default: 5 }, /is no worker class: it is a number/],
  [{ default: { base: 'sync' } }, /create is undefined, not a function/],
  [{ default: { ...definition, base: 'fork' } }, /base is "fork", not one of "async", /],
  [{ default: { create: () => undefined } }, /has returned undefined, not an object/],
  [{ default: { create: () => ({ request: 5 }) } }, /request is a number, not a function/],
  [
    { default: { create: () => ({ mayAcept() {} }) } },
    /unknown function mayAcept; did you mean "mayAccept"\?/,
  ],
  [{ default: { create: () => Promise.reject(new Error('no')) } }, /create\(\) of .*class\.ts failed: no$/],
]

test('each mistake names the file and what was expected', async () => {
  for (const [exported, message] of mistakes)
    await assert.rejects(create(exported), (error) => {
      assert.ok(error instanceof AppBootError)
      assert.match(error.message, /the worker class \/srv\/class\.ts/)
      assert.match(error.message, message)
      return true
    })
  const wanted = { worker_class: '/srv/class.ts:Fast' }
  await assert.rejects(create({ Lanes: definition }, wanted), /has no export "Fast"; it exports Lanes/)
})

test('the base sync and HTTP/2 exclude each other', async () => {
  const http2 = { http_protocols: ['h2', 'h1'] }
  await assert.rejects(create({ default: { ...definition, base: 'sync' } }, http2), /serves no HTTP\/2/)
  assert.equal((await create({ default: definition }, http2)).base, 'async')
})
