// What the error log says of requests that took too long.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestIds } from '../../../../src/logging/records/request-id.ts'
import { saying } from '../../../../src/logging/records/said.ts'
import { RequestLogs } from '../../../../src/logging/records/request-log.ts'
import { limitRequests, logTimeouts } from '../../../../src/worker/boot/request-limit.ts'

const silent = { explain: (): void => undefined }

test('without request_timeout requests have no limit, unless one occupies the worker', () => {
  const log = (): never => assert.fail('nothing is logged')
  const output = { log, requests: new RequestLogs(new RequestIds(), log) }
  const limitOf = (name: 'async' | 'sync', request_timeout: number): number | undefined =>
    limitRequests(
      { isSync: name === 'sync', durations: { request_timeout, timeout: 30_000 } },
      output,
      silent,
    )?.limit
  assert.equal(limitOf('async', 0), undefined)
  assert.equal(limitOf('async', 1500), 1500)
  assert.equal(limitOf('sync', 1500), 1500)
  assert.equal(limitOf('sync', 0), 30_000, 'a request that occupies a worker has a limit')
})

test('the error log names ten late requests a second and counts the rest', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const records: [object, string][] = []
  const warn = (fields: object, message: string): number => records.push([fields, message])
  const log = (): never => ({ warn }) as never // only this method is used
  const explained: unknown[] = []
  const explain = (request: unknown): unknown => explained.push(request)
  const report = logTimeouts({ log, requests: new RequestLogs(new RequestIds(), log) }, { explain })
  const late = (): void =>
    // what is read of a request
    report({ method: 'GET', url: '/', rawHeaders: [] } as never, { duration: 12.4, responded: true })
  for (let n = 0; n < 13; n += 1) late()
  assert.equal(records.length, 10)
  assert.equal(explained.length, 13, 'no second record for their 503')
  assert.equal(records[0]?.[1], 'a request took longer than request_timeout: it got a 503')
  assert.equal(Reflect.get(records[0][0], 'duration_ms'), 12)
  t.mock.timers.tick(1000)
  assert.deepEqual(records[10], [
    saying('requests_late', { count: 3 }),
    '3 more requests took longer than request_timeout',
  ])
  late()
  t.mock.timers.tick(1000)
  assert.equal(records.length, 12)
})
