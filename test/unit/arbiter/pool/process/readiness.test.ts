// When a foreign program is ready: by a port, a file, a line or sd_notify.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { LineSearch } from '../../../../../src/arbiter/pool/process/line-search.ts'
import { Readiness, type ReadinessParts } from '../../../../../src/arbiter/pool/process/readiness.ts'
import type { NotifySocket } from '../../../../../src/os/system/notify-socket.ts'
import { eventually } from '../../../../helpers/wait.ts'

const owner = { uid: undefined, gid: undefined }

interface Made {
  readonly readiness: Readiness
  readonly ready: () => number
  readonly troubles: string[]
}

function readinessOf(
  t: TestContext,
  ready: ReadinessParts['ready'],
  directory = '/',
  openSocket?: () => NotifySocket | Error,
): Made {
  const troubles: string[] = []
  let count = 0
  const readiness = new Readiness(
    {
      ready,
      directory,
      owner,
      onReady: () => (count += 1),
      onTrouble: ({ message }) => troubles.push(message),
    },
    openSocket,
  )
  t.after(() => readiness.close())
  return { readiness, ready: () => count, troubles }
}

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-ready-'))
  t.after(() => rmSync(directory, { recursive: true }))
  return directory
}

const untilReady = (made: Made): Promise<unknown> =>
  eventually('it is ready', () => (made.ready() > 0 ? true : undefined))

test('without a condition it is ready as soon as it was started', (t) => {
  const made = readinessOf(t, undefined)
  assert.equal(made.ready(), 0)
  made.readiness.begin()
  assert.equal(made.ready(), 1)
})

test('a line counts wherever the pipe cuts it, on each stream by itself', (t) => {
  const search = new LineSearch('bereit: ✓')
  const bytes = Buffer.from('start\nnoch nicht\nes ist bereit: ✓ ja\n')
  const found = [...bytes].map((byte) => search.finds(Buffer.from([byte])))
  assert.equal(found.filter((each) => each).length > 0, true)
  assert.equal(
    bytes
      .subarray(0, found.indexOf(true) + 1)
      .toString()
      .endsWith('✓'),
    true,
  )

  const made = readinessOf(t, { line: 'listening' })
  made.readiness.begin()
  made.readiness.see('stdout', Buffer.from('list'))
  made.readiness.see('stderr', Buffer.from('ening\n'))
  assert.equal(made.ready(), 0, 'two streams are not one line')
  made.readiness.see('stderr', Buffer.from('it is listening'))
  made.readiness.see('stderr', Buffer.from(' and listening'))
  assert.equal(made.ready(), 1, 'once')
})

test('a line without an end is forgotten, except for its last part', () => {
  const search = new LineSearch('ready')
  for (let count = 0; count < 40; count += 1) assert.equal(search.finds(Buffer.alloc(65_536, 'x')), false)
  assert.equal(search.finds(Buffer.from('ready')), true)
})

test('a file counts when it is new, and not when it was there before', async (t) => {
  const directory = directoryOf(t)
  const file = join(directory, 'feed.sock')
  writeFileSync(file, 'of the last run')
  const made = readinessOf(t, { file: 'feed.sock' }, directory)
  made.readiness.begin()
  const other = readinessOf(t, { file: 'other' }, directory)
  other.readiness.begin()
  writeFileSync(join(directory, 'other'), '')
  await untilReady(other)
  assert.equal(made.ready(), 0)
  rmSync(file)
  writeFileSync(join(directory, 'next'), '') // another inode
  writeFileSync(file, '')
  await untilReady(made)
})

test('a place that cannot be looked at is a trouble, and does not end the arbiter', async (t) => {
  const directory = directoryOf(t)
  mkdirSync(join(directory, 'run'))
  const made = readinessOf(t, { file: 'run/feed.sock' }, directory)
  made.readiness.begin()
  rmSync(join(directory, 'run'), { recursive: true })
  symlinkSync('run', join(directory, 'run'))
  await eventually('a trouble', () => (made.troubles.length > 0 ? true : undefined))
  assert.match(made.troubles[0] ?? '', /ELOOP/)
  assert.throws(() => readinessOf(t, { file: 'run/feed.sock' }, directory), /ELOOP/)
})

test('a port counts when it accepts', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const there = [readinessOf(t, { port }), readinessOf(t, { port: `127.0.0.1:${port}` })]
  for (const { readiness } of there) readiness.begin()
  for (const made of there) await untilReady(made)
  await new Promise((resolve) => server.close(resolve))
  const missing = readinessOf(t, { port })
  missing.readiness.begin()
  const file = join(directoryOf(t), 'mark')
  const mark = readinessOf(t, { file })
  mark.readiness.begin()
  writeFileSync(file, '')
  await untilReady(mark)
  assert.equal(missing.ready(), 0)
})

test('READY=1 counts among other messages; a flood of others does not keep the arbiter busy', async (t) => {
  const messages: string[] = []
  let isFlood = true
  let received = 0
  let closed = 0
  const socket: NotifySocket = {
    path: '/run/notify',
    receive: () => {
      received += 1
      return isFlood ? 'WATCHDOG=1' : messages.shift()
    },
    close: () => (closed += 1),
  }
  const made = readinessOf(t, { notify: true }, '/', () => socket)
  assert.deepEqual(made.readiness.environment, { NOTIFY_SOCKET: '/run/notify' })
  made.readiness.begin()
  await eventually('a look', () => (received > 0 ? true : undefined))
  assert.ok(received <= 300, 'it turns in between')
  isFlood = false
  messages.push('STATUS=READY=1', 'NOTREADY=1', 'STATUS=up\nREADY=1')
  await untilReady(made)
  assert.equal(closed, 1)
})

test('without a socket for sd_notify the program is not started', (t) => {
  assert.throws(() => readinessOf(t, { notify: true }, '/', () => new Error('no koffi')), /no koffi/)
})

test('what happens after its end changes nothing', (t) => {
  const made = readinessOf(t, { line: 'ready' })
  made.readiness.begin()
  made.readiness.close()
  made.readiness.see('stdout', Buffer.from('ready\n'))
  assert.equal(made.ready(), 0)
})
