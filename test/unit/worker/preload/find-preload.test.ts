// The function that the process of preload() runs, and what it says when there is none.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreloadContext } from '../../../../src/sharing/context.ts'
import { findPreload } from '../../../../src/worker/preload/find-preload.ts'

const context: PreloadContext = { directory: '/tmp/x', file: () => Promise.reject(new Error('no file')) }
const module = '/srv/app.js'

test('an export preload() is called with the context', () => {
  const found = findPreload({ preload: ({ directory }: PreloadContext) => directory }, module, false)
  assert.equal(found?.(context), '/tmp/x')
})

test('the default export will do in a module that was named for it, and only there', () => {
  const namespace = { default: () => 'default' }
  assert.equal(findPreload(namespace, module, true)?.(context), 'default')
  assert.equal(findPreload(namespace, module, false), undefined)
})

test('an export of that name comes before the default export', () => {
  const namespace = { preload: () => 'named', default: () => 'default' }
  assert.equal(findPreload(namespace, module, true)?.(context), 'named')
})

test('what is no function, or missing in a module that was named for it, is an error', () => {
  assert.throws(
    () => findPreload({ preload: 5 }, module, false),
    /\/srv\/app\.js: expected an exported function preload\(\); got /,
  )
  assert.throws(
    () => findPreload({}, module, true),
    /\/srv\/app\.js: expected an exported function preload\(\); got no such export/,
  )
})
