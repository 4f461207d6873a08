// What tsgunctl prints at a terminal.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Status, WorkerView } from '../../../src/control/protocol.ts'
import { colored, duration, plain, showStatus, showWorkers, size } from '../../../src/control/show.ts'

const log = { name: 'none', written: 0, waiting: 0, dropped: 0, rotations: 0 }
const status: Status = {
  version: '0.1.0',
  pid: 4711,
  state: 'serving',
  uptime_seconds: 3720,
  config: '/srv/app/server.config.ts',
  listeners: ['http://127.0.0.1:8000', 'unix:/run/app.sock'],
  generation: 2,
  workers: { wanted: 2, ready: 1 },
  requests: { answered: 10, busy: 1, overdue: 1 },
  connections: 3,
  last_reload: { attempt: 2, ok: false, reason: 'wrong', at: '2026-01-02T03:04:05.000Z' },
  slots: [
    { nr: 0, state: 'ready', failures: 0, last_error: null },
    { nr: 1, state: 'crash-loop', failures: 4, last_error: 'TypeError: x' },
  ],
  services: [],
  tasks: [],
  bus: null,
  logs: { access: log, error: { ...log, name: 'stderr', written: 2048, waiting: 10, dropped: 3 } },
}

const worker: WorkerView = {
  nr: 0,
  task: null,
  service: 'web',
  age: 1,
  generation: 1,
  pid: 99,
  state: 'ready',
  reason: null,
  age_seconds: 61,
  uptime_seconds: 60,
  beat_seconds: 0.2,
  requests: 5,
  busy: 0,
  connections: 1,
  overdue: 0,
  rss: 70 * 2 ** 20,
}

test('the status has one line for each figure, and lines for failures', () => {
  assert.equal(
    showStatus(status, plain),
    `state        serving, up 1 h 2 min, pid 4711, tsgun 0.1.0
config       /srv/app/server.config.ts
listening    http://127.0.0.1:8000, unix:/run/app.sock
generation   2
workers      1 of 2 ready
requests     10 answered, 1 in progress, 1 overdue
connections  3
reload       number 2 failed at 2026-01-02T03:04:05.000Z: wrong
slot 1       crash-loop, 4 failures in a row: TypeError: x
access log   none
error log    stderr, 2.0 K written, 10 B waiting, 3 lines lost`,
  )
  const bus = { published: 5, delivered: 20, dropped: 0, clients: 4, subscriptions: 6, restarts: 0 }
  assert.match(
    showStatus({ ...status, bus }, plain),
    /^bus +4 clients with 6 subscriptions, 5 messages published, 20 delivered$/m,
  )
  assert.match(
    showStatus({ ...status, bus: { ...bus, dropped: 3, restarts: 1 } }, plain),
    /20 delivered, 3 dropped, 1 brokers replaced$/m,
  )
  assert.match(showStatus({ ...status, last_reload: null }, plain), /^reload +none yet$/m)
})

test('workers are listed in columns', () => {
  const second = {
    ...worker,
    nr: 11,
    pid: null,
    state: 'draining',
    reason: 'reload',
    uptime_seconds: null,
    rss: 0,
  }
  assert.equal(
    showWorkers([worker, second], plain),
    `nr  pid  generation  state              uptime   beat  requests  busy  connections  memory
 0   99           1  ready               1 min  0.2 s         5     0            1    70 M
11    -           1  draining (reload)       -  0.2 s         5     0            1       -`,
  )
})

test('only the coloured palette has colours', () => {
  assert.match(showStatus(status, colored), /\u001B\[32mserving\u001B\[0m/)
  assert.match(showWorkers([{ ...worker, state: 'booting' }], colored), /\n\u001B\[33m 0 .*\u001B\[0m$/)
  assert.ok(!showStatus(status, plain).includes('\u001B'))
})

test('durations and sizes are short', () => {
  const times = [0.1, 59, 60, 3599, 3600, 86_400, 190_000].map(duration)
  assert.deepEqual(times, ['0.1 s', '59 s', '1 min', '59 min', '1 h 0 min', '1 d 0 h', '2 d 4 h'])
  const sizes = [0, 1023, 1024, 15_360, 2 ** 20, 70 * 2 ** 20, 2 ** 31].map(size)
  assert.deepEqual(sizes, ['0 B', '1023 B', '1.0 K', '15 K', '1.0 M', '70 M', '2.0 G'])
})
