// Which records a client of the control socket asks for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAskedFor, readLogRequest } from '../../../src/control/log-request.ts'
import { readCall, type Values } from '../../../src/control/request.ts'

const services = ['web', 'feed']
const request = (query: string): ReturnType<typeof readLogRequest> =>
  readLogRequest(readCall('GET', `/logs${query}`).values, services)

test('the fields are those of the query', () => {
  assert.deepEqual(request(''), { log: undefined, service: undefined, worker: undefined, follow: false })
  assert.deepEqual(request('?log=app&service=feed&worker=2&follow=1'), {
    log: 'app',
    service: 'feed',
    worker: 2,
    follow: true,
  })
})

for (const [query, message] of [
  ['?log=all', 'log: expected "access", "error" or "app"; got "all"'],
  ['?service=fed', 'logs: there is no service "fed", only "web", "feed"'],
  ['?worker=two', 'worker: expected the number of a worker, from 0; got "two"'],
  ['?worker=-1', 'worker: expected the number of a worker, from 0; got -1'],
  ['?follow=yes', 'follow: expected true or false; got "yes"'],
  ['?level=info', 'level: /logs takes no query except log, follow, service, worker'],
] as const)
  test(`${query} is refused`, () => {
    assert.throws(() => request(query), { status: 400, message })
  })

const of = (service: string | undefined, nr?: number, task?: string): Parameters<typeof isAskedFor>[0] => ({
  log: 'app',
  service,
  nr,
  task,
})

for (const [values, wanted, others] of [
  [{}, [of(undefined), of('web', 0), of('feed', 1), of(undefined, 0, 'resize')], []],
  [{ service: 'feed' }, [of('feed', 0), of('feed')], [of('web', 0), of(undefined)]],
  [{ worker: 1 }, [of('web', 1)], [of('web', 0), of('feed', 1), of(undefined, 1, 'resize'), of(undefined)]],
  [{ worker: 1, service: 'feed' }, [of('feed', 1)], [of('web', 1), of('feed', 0)]],
  [{ log: 'app' }, [of('web', 1)], [{ ...of('web', 1), log: 'access' as const }]],
] satisfies [Values, ReturnType<typeof of>[], ReturnType<typeof of>[]][])
  test(`${JSON.stringify(values)} chooses records by their processes`, () => {
    const asked = readLogRequest(values, services)
    for (const batch of wanted) assert.ok(isAskedFor(batch, asked), JSON.stringify(batch))
    for (const batch of others) assert.ok(!isAskedFor(batch, asked), JSON.stringify(batch))
  })
