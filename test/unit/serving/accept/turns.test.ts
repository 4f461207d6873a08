// Whose turn it is to accept: rows, order and waiting of several workers, each with its own Loads and Turns,
// on one array and a kernel that is a list.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headRow, rowLength } from '../../../../src/os/system/shared-counters.ts'
import { Loads } from '../../../../src/serving/accept/loads.ts'
import { Turns } from '../../../../src/serving/accept/turns.ts'
import { FakeClock } from '../../../helpers/fake-clock.ts'

const socket = 7

class FakeWorker {
  load = 0
  readonly turns: Turns

  constructor(server: FakeServer, row: number) {
    const queue = {
      leave: (fd: number): boolean => {
        assert.equal(fd, socket)
        const waits = server.waiting.includes(this)
        server.waiting = server.waiting.filter((worker) => worker !== this)
        return waits
      },
      join: (fd: number): boolean => {
        assert.equal(fd, socket)
        assert.ok(!server.waiting.includes(this), 'it is registered once')
        if (server.hasMemory) server.waiting.push(this)
        return server.hasMemory
      },
    }
    const loads = new Loads(server.rows, row)
    this.turns = new Turns({ queue, loads, load: () => this.load, clock: server.clock })
  }

  accept(): void {
    this.load += 1
    this.turns.accepted()
  }

  close(): void {
    this.load -= 1
    this.turns.closed()
  }
}

/** Its workers wait in an order; the first one gets the next connection. */
class FakeServer {
  readonly rows = new Int32Array(64 * rowLength)
  readonly clock = new FakeClock()
  readonly workers: FakeWorker[] = []
  waiting: FakeWorker[] = []
  hasMemory = true

  constructor(workers: number) {
    for (let nr = 0; nr < workers; nr += 1) this.add()
  }

  add(): FakeWorker {
    const worker = new FakeWorker(this, this.workers.length + 1)
    this.workers.push(worker)
    this.rows[headRow] = this.workers.length + 1
    this.waiting.push(worker)
    worker.turns.begin([socket])
    return worker
  }

  connect(times = 1): void {
    for (let time = 0; time < times; time += 1) {
      assert.ok(this.waiting.length > 0, 'a worker waits')
      this.waiting[0]?.accept()
    }
  }

  get loads(): readonly number[] {
    return this.workers.map(({ load }) => load)
  }
}

test('connections go to the workers in turns', () => {
  const server = new FakeServer(4)
  for (let connections = 1; connections <= 40; connections += 1) {
    server.connect()
    const { loads } = server
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, String(loads))
  }
})

test('a worker that was added gets what comes, until it has as much as the others', () => {
  const server = new FakeServer(3)
  server.connect(30)
  server.add()
  server.connect(13) // each of the others may have one before it moves behind
  const [first = 0, , , added = 0] = server.loads
  assert.ok(added >= 10 && first <= 11, String(server.loads))
})

test('a worker that is alone does nothing', () => {
  const server = new FakeServer(1)
  const [alone] = server.workers
  server.waiting = []
  for (let time = 0; time < 100; time += 1) alone?.accept()
  alone?.turns.refresh()
  assert.deepEqual(server.waiting, [])
})

test('in a burst a worker leaves connections to siblings that are not as fast, and comes back when they follow', () => {
  const server = new FakeServer(2)
  const [fast, slow] = server.workers
  while (fast && server.waiting.includes(fast)) fast.accept()
  assert.deepEqual(server.loads, [4, 0])
  for (let time = 0; time < 3; time += 1) slow?.accept()
  server.clock.advance(1)
  assert.ok(fast && server.waiting.includes(fast))
})

test('it comes back at once when enough of its own connections close', () => {
  const server = new FakeServer(2)
  const [fast] = server.workers
  while (fast && server.waiting.includes(fast)) fast.accept()
  fast?.close()
  assert.ok(fast && server.waiting.includes(fast))
})

test('no connection waits for a sibling that is stuck: it is counted again when it moves', () => {
  const server = new FakeServer(2)
  const [fast, stuck] = server.workers
  assert.ok(fast && stuck)
  server.waiting = [fast]
  for (let accepted = 0; accepted < 40; accepted += 1) {
    for (let waited = 0; !server.waiting.includes(fast); waited += 1) {
      assert.ok(waited < 4, 'at most 4 ms for a connection')
      server.clock.advance(1)
    }
    fast.accept()
  }
  const now = server.clock.now()
  assert.ok(now <= 6 * 4, `${now} ms altogether`)
  for (let accepted = 0; accepted < 100; accepted += 1) fast.accept()
  assert.ok(server.waiting.includes(fast), 'a stuck sibling is not waited for')
  stuck.accept()
  fast.accept()
  assert.ok(!server.waiting.includes(fast), 'it moves again')
})

test('siblings that drain, have exited or are full do not count', () => {
  const server = new FakeServer(3)
  const [first, second, third] = server.workers
  second?.turns.end()
  server.rows[3 * rowLength] = 0 // as the arbiter does for a worker that was killed
  server.waiting = first ? [first] : []
  for (let time = 0; time < 20; time += 1) first?.accept()
  assert.ok(first && server.waiting.includes(first))
  second?.turns.begin([socket])
  third?.turns.refresh()
  first.accept()
  assert.ok(!server.waiting.includes(first))
})

test('the last worker takes everything, also while it was leaving connections to others', () => {
  const server = new FakeServer(2)
  const [last] = server.workers
  while (last && server.waiting.includes(last)) last.accept()
  last?.turns.finish()
  assert.ok(last && server.waiting.includes(last))
  for (let time = 0; time < 20; time += 1) last.accept()
  server.clock.advance(10)
  assert.ok(server.waiting.includes(last))
})

test('without memory for its registration it tries again', () => {
  const server = new FakeServer(2)
  const [first] = server.workers
  server.hasMemory = false
  first?.accept()
  assert.ok(first && !server.waiting.includes(first))
  server.clock.advance(20)
  server.hasMemory = true
  server.clock.advance(1)
  assert.ok(server.waiting.includes(first))
})

test('a socket that the event loop does not wait for is left alone', () => {
  const server = new FakeServer(2)
  server.waiting = []
  for (let time = 0; time < 10; time += 1) server.workers[0]?.accept()
  server.clock.advance(10)
  assert.deepEqual(server.waiting, [])
})
