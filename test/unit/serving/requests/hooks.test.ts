// The request hooks exist only when the config has one of them.

import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import { combineHooks, HookRunner, pickHooks } from '../../../../src/config/hooks/runner.ts'
import type { Worker } from '../../../../src/config/hooks/views.ts'
import { createRequestHooks, type RequestHooks } from '../../../../src/serving/requests/hooks.ts'

const worker = { nr: 1 } as Worker
const request = { url: '/' } as IncomingMessage
const response = { statusCode: 200 } as ServerResponse

function create(hooks: Readonly<Record<string, unknown>>): RequestHooks | undefined {
  const sources = combineHooks([pickHooks(hooks, 'test')])
  return createRequestHooks(
    new HookRunner({ sources, timeout: 1000, onFailure: () => assert.fail() }),
    worker,
  )
}

test('without pre_request and post_request there is nothing to call', () => {
  assert.equal(create({ post_fork: () => undefined }), undefined)
})

test('each hook gets the worker and the request, post_request the response too', () => {
  const calls: unknown[][] = []
  const hook = (...parameters: unknown[]): void => void calls.push(parameters)
  assert.equal(create({ pre_request: hook })?.before(request), undefined)
  create({ pre_request: hook })?.after(request, response)
  create({ post_request: hook })?.after(request, response)
  assert.deepEqual(calls, [
    [worker, request],
    [worker, request, response],
  ])
})

test('an async pre_request is a promise for the caller', async () => {
  let isDone = false
  const pending = create({ pre_request: () => Promise.resolve().then(() => (isDone = true)) })?.before(
    request,
  )
  assert.ok(pending instanceof Promise)
  await pending
  assert.ok(isDone)
})
