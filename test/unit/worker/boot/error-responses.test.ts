// Responses with a 5xx without an error that has reached the server.

import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { test, type TestContext } from 'node:test'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { saying } from '../../../../src/logging/records/said.ts'
import { logErrorResponses, type ErrorResponses } from '../../../../src/worker/boot/error-responses.ts'

interface World extends ErrorResponses {
  readonly records: (readonly [object, string])[]
}

function world(t: TestContext): World {
  t.mock.timers.enable({ apis: ['setTimeout', 'setImmediate'] })
  const records: (readonly [object, string])[] = []
  const warn = (fields: object, text: string): unknown => records.push([fields, text])
  const log = (): never => ({ warn }) as never // only this method is used
  return { records, ...logErrorResponses({ log, requests: new RequestLogs(new RequestIds(), log) }) }
}

/** What is read of a response. */
function response(url: string, id = 'a'): ServerResponse {
  return { statusCode: 503, req: { method: 'GET', url, id, rawHeaders: [] } } as unknown as ServerResponse
}

test('it is named with its status; a query is in a field, which log_redact can hide', (t) => {
  const { note, records } = world(t)
  note(response('/a'))
  note(response('/b?key=1', 'b'))
  t.mock.timers.tick(0)
  const said = (path: string): object => saying('error_response', { method: 'GET', path, status: 503 })
  const text = (path: string): string =>
    `GET ${path} → 503: sent by the app, and no error has reached the server`
  assert.deepEqual(records, [
    [{ request_id: 'a', ...said('/a') }, text('/a')],
    [{ path: '/b?key=1', request_id: 'b', ...said('/b') }, text('/b')],
  ])
})

test('a request with a record of its own gets no second one, also when that comes just after the response', (t) => {
  const { note, explain, records } = world(t)
  const failed = response('/a')
  note(failed)
  explain(failed.req)
  t.mock.timers.tick(0)
  assert.deepEqual(records, [])
})

test('ten a second are named, the others counted', (t) => {
  const { note, records } = world(t)
  for (let n = 0; n < 13; n += 1) note(response(`/${n}`))
  t.mock.timers.tick(0)
  assert.equal(records.length, 10)
  t.mock.timers.tick(1000)
  assert.deepEqual(records[10], [
    saying('error_responses', { count: 3 }),
    '3 more responses with a status of 5xx',
  ])
  note(response('/later'))
  t.mock.timers.tick(0)
  assert.equal(records.length, 12)
})
