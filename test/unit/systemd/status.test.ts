import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Meter, statusLine } from '../../../src/systemd/status.ts'
import { worker } from '../arbiter/records.ts'

const load = worker().load

test('requests are counted on over workers that come and go, and in a second since the look before', () => {
  const meter = new Meter()
  const look = (counts: readonly [age: number, requests: number][], now: number): unknown =>
    meter.read(
      counts.map(([age, requests]) => worker({ age, load: { ...load, requests } })),
      now,
    )
  assert.deepEqual(look([[1, 10]], 0), { total: 10, perSecond: 0 })
  assert.deepEqual(
    look(
      [
        [1, 30],
        [2, 20],
      ],
      2000,
    ),
    { total: 50, perSecond: 20 },
  )
  assert.deepEqual(
    look(
      [
        [2, 20],
        [3, 5],
      ],
      4000,
    ),
    { total: 55, perSecond: 2.5 },
  )
  assert.deepEqual(look([], 4000), { total: 55, perSecond: 0 })
})

test('the status names what is wrong, in one line', () => {
  const figures = { total: 55, perSecond: 2.5 }
  const pool = {
    generation: 3,
    target: 2,
    workers: [worker({ load: { ...load, busy: 4 } })],
    slots: [
      { nr: 0, state: 'ready', failures: 0, last_error: null },
      { nr: 1, state: 'crash-loop', failures: 5, last_error: 'boom' },
    ],
  } as const
  assert.equal(
    statusLine(pool, figures, { phase: 'serving', failure: `two\nlines ${'x'.repeat(300)}` }),
    'generation 3: 1 of 2 workers ready, 4 requests in progress, 2.5 requests/s, 55 answered, in a ' +
      `crash loop: worker 1, the last reload failed: two lines ${'x'.repeat(190)}…`,
  )
  assert.match(
    statusLine(pool, figures, { phase: 'stopping', failure: undefined }),
    /^stopping, generation 3: 1 workers left, /,
  )
})
