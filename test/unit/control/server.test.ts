// The control socket on a real unix socket: its file, and that no client disturbs the server.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Order, OrderResult } from '../../../src/arbiter/model/orders.ts'
import { limits, type Status } from '../../../src/control/protocol.ts'
import { ControlServer } from '../../../src/control/server.ts'
import type { SocketPlace } from '../../../src/control/socket-file.ts'
import type { ControlTarget, ServerProgress } from '../../../src/control/target.ts'
import { LogFeed } from '../../../src/logging/files/log-feed.ts'
import { BindError } from '../../../src/listen/bind-error.ts'
import { ask, connectTo, sendRaw } from '../../helpers/http.ts'

const status: Status = {
  version: '1',
  pid: 1,
  state: 'serving',
  uptime_seconds: 1,
  config: null,
  listeners: [],
  generation: 1,
  workers: { wanted: 1, ready: 1 },
  requests: { answered: 0, busy: 0, overdue: 0 },
  connections: 0,
  last_reload: null,
  slots: [],
  services: [],
  tasks: [],
  bus: null,
  logs: {},
}

/** A server that the test controls. */
class FakeTarget implements ControlTarget {
  readonly orders: Order[] = []
  readonly listeners = new Set<(event: ServerProgress) => void>()
  reply: OrderResult = { taken: true }
  status(): Status {
    return status
  }
  workers(): [] {
    return []
  }
  schedules(): [] {
    return []
  }
  readonly feed = new LogFeed()
  services(): readonly string[] {
    return ['web', 'feed']
  }
  order(order: Order, respond: (answer: OrderResult) => void): void {
    this.orders.push(order)
    respond(this.reply)
  }
  subscribe(listener: (event: ServerProgress) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
  emit(event: ServerProgress): void {
    for (const listener of this.listeners) listener(event)
  }
}

interface Opened {
  readonly target: FakeTarget
  readonly server: ControlServer
  readonly url: string
  readonly path: string
}

function directoryOf(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-control-'))
  t.after(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

async function open(t: TestContext, place: Partial<SocketPlace> = {}): Promise<Opened> {
  const path = place.path ?? join(directoryOf(t), 'c.sock')
  const target = new FakeTarget()
  const server = await ControlServer.open(target, { mode: 0o600, ...place, path })
  t.after(() => void server.close())
  return { target, server, url: `unix:${server.path}`, path }
}

/** Polls until it holds: no event announces it. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 30_000
  while (!holds()) {
    assert.ok(performance.now() < giveUpAt, `timeout: ${what}`)
    await turn()
  }
}

test('only the owner can connect, and the directory has only the socket', async (t) => {
  const { path } = await open(t)
  assert.equal(lstatSync(path).mode & 0o777, 0o600)
  assert.deepEqual(readdirSync(join(path, '..')), ['c.sock'])
})

test('it has the given mode, whatever the umask', async (t) => {
  const before = process.umask(0o077)
  t.after(() => process.umask(before))
  const { path } = await open(t, { mode: 0o666 })
  assert.equal(lstatSync(path).mode & 0o777, 0o666)
  assert.equal(process.umask(), 0o077, 'the umask is restored')
})

test('a stale socket is replaced, a live one and a plain file are kept and reported', async (t) => {
  const path = join(directoryOf(t), 'c.sock')
  const stale = net.createServer().listen(`${path}.moved`)
  await once(stale, 'listening')
  renameSync(`${path}.moved`, path) // so that Node does not remove it
  stale.close()
  await once(stale, 'close')
  const { url, server } = await open(t, { path })
  await assert.rejects(ControlServer.open(new FakeTarget(), { path, mode: 0o600 }), (error: Error) => {
    assert.ok(error instanceof BindError)
    assert.match(error.message, /^control_socket: cannot listen on unix:.*: it is in use by another process/)
    return true
  })
  assert.equal((await ask(url, '/status')).status, 200)
  server.close()
  assert.equal(existsSync(path), false)
  writeFileSync(path, 'precious')
  const attempt = ControlServer.open(new FakeTarget(), { path, mode: 0o600 })
  await assert.rejects(attempt, /the file at this path is not a socket/)
  assert.ok(lstatSync(path).isFile())
  assert.deepEqual(readdirSync(join(path, '..')), ['c.sock'])
})

test('a missing directory and a path that is too long are reported', async (t) => {
  const directory = directoryOf(t)
  const attempt = (path: string): Promise<unknown> =>
    ControlServer.open(new FakeTarget(), { path, mode: 0o600 })
  await assert.rejects(attempt(join(directory, 'none/c.sock')), /the directory of the socket does not exist/)
  mkdirSync(join(directory, 'd'.repeat(100)))
  await assert.rejects(attempt(join(directory, 'd'.repeat(100), 'c')), /at most 100 bytes/)
})

test('a socket of another process at its path is not removed', async (t) => {
  const { path, server } = await open(t)
  rmSync(path)
  const other = net.createServer().listen(path)
  await once(other, 'listening')
  server.close()
  assert.ok(existsSync(path))
  other.close()
})

test('beside an old master its path has a suffix, until it is promoted', async (t) => {
  const { path, server: old } = await open(t)
  const { server } = await open(t, { path, suffix: '.2' })
  assert.equal(server.path, `${path}.2`)
  assert.equal((await ask(`unix:${path}.2`, '/status')).status, 200)
  server.promote()
  server.promote()
  old.close()
  assert.deepEqual(readdirSync(join(path, '..')), ['c.sock'], 'the old master does not remove it')
  assert.equal((await ask(`unix:${path}`, '/status')).status, 200)
  chmodSync(path, 0o640) // with another mode it is still its own
  server.close()
  assert.deepEqual(readdirSync(join(path, '..')), [])
})

test('the response to an order says that it is accepted, or why not', async (t) => {
  const { target, url } = await open(t)
  target.reply = { taken: true, attempt: 4 }
  const taken = await ask(url, '/reload', { method: 'POST' })
  assert.deepEqual([taken.status, JSON.parse(taken.body)], [200, { taken: true, attempt: 4 }])
  target.reply = { taken: false, why: 'the server is stopping' }
  const refused = await ask(url, '/scale', { method: 'POST', body: '{"workers":2}' })
  assert.deepEqual(
    [refused.status, JSON.parse(refused.body)],
    [409, { error: 'scale: the server is stopping' }],
  )
  assert.deepEqual(target.orders, [{ type: 'reload' }, { type: 'scale', to: 2 }])
})

test('the response to an invalid request says what was expected', async (t) => {
  const { target, url } = await open(t)
  const wrong = await ask(url, '/status', { method: 'POST' })
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET'])
  assert.equal((await ask(url, '/nothing')).status, 404)
  assert.equal((await ask(url, '/scale', { method: 'POST', body: 'three' })).status, 400)
  assert.deepEqual(target.orders, [])
})

test('a client that waits receives the log lines without debug, up to the end', async (t) => {
  const { target, url } = await open(t)
  target.reply = { taken: true, attempt: 1 }
  const waiting = ask(url, '/reload?wait=1', { method: 'POST' })
  await until('the order', () => target.orders.length === 1)
  target.emit({ level: 'info', msg: 'one' })
  target.emit({ level: 'debug', msg: 'nothing' })
  target.emit({ level: 'error', msg: 'two', ending: { of: 'reload', attempt: 1, failure: 'wrong' } })
  const { headers, body } = await waiting
  assert.equal(headers['content-type'], 'application/x-ndjson')
  const lines = [
    '{"level":"info","msg":"one"}',
    '{"level":"error","msg":"two"}',
    '{"done":false,"reason":"wrong"}',
  ]
  assert.equal(body, `${lines.join('\n')}\n`)
  assert.equal(target.listeners.size, 0)
})

test('a refused order ends the wait at once', async (t) => {
  const { target, url } = await open(t)
  target.reply = { taken: false, why: 'not now' }
  assert.equal(
    (await ask(url, '/upgrade?wait=1', { method: 'POST' })).body,
    '{"done":false,"reason":"not now"}\n',
  )
  assert.equal(target.listeners.size, 0)
})

test('a client that waits and disconnects is unsubscribed', async (t) => {
  const { target, url } = await open(t)
  const socket = connectTo(url)
  socket.write('POST /reload?wait=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('the subscription', () => target.listeners.size === 1)
  socket.destroy()
  await until('its end', () => target.listeners.size === 0)
})

test('a client that waits and does not read is disconnected, others are not', async (t) => {
  const { target, url } = await open(t)
  const socket = connectTo(url).pause()
  socket.on('error', () => undefined)
  socket.write('POST /reload?wait=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('the subscription', () => target.listeners.size === 1)
  const msg = 'x'.repeat(limits.unread / 16)
  let sent = 0
  while (target.listeners.size > 0 && sent < 1000) {
    target.emit({ level: 'info', msg })
    sent += 1
    await turn()
  }
  // The kernel keeps some of it too: a few hundred kilobytes by default.
  assert.ok(sent < 200, `${sent} lines of ${msg.length} bytes`)
  assert.equal((await ask(url, '/status')).status, 200)
  socket.destroy()
})

test('invalid HTTP, too large a head or body, and an incomplete request are rejected, others are served', async (t) => {
  const { target, url } = await open(t)
  assert.match(
    await sendRaw(url, '\u0016\u0003\u0001 this is not HTTP\r\n\r\n'),
    /^HTTP\/1\.1 400 .*"error"/s,
  )
  const head = `GET /status HTTP/1.1\r\nX: ${'x'.repeat(limits.head * 2)}\r\n\r\n`
  assert.match(await sendRaw(url, head), /^HTTP\/1\.1 431 |ECONNRESET|EPIPE/)
  const large =
    'POST /scale HTTP/1.1\r\nHost: x\r\nContent-Length: ' +
    `${limits.body + 1}\r\n\r\n${'x'.repeat(limits.body + 1)}`
  assert.match(await sendRaw(url, large), /^HTTP\/1\.1 413 |ECONNRESET|EPIPE/)
  const socket = connectTo(url)
  socket.write('POST /stop HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"qui')
  socket.destroySoon()
  assert.equal((await ask(url, '/status')).status, 200)
  assert.deepEqual(target.orders, [])
})

test('clients that hang are disconnected, so that others can connect', async (t) => {
  const { url } = await open(t)
  const sockets = Array.from({ length: limits.connections + 8 }, () =>
    connectTo(url).on('error', () => undefined),
  )
  const closed = sockets.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve)))
  for (const socket of sockets.slice(4)) socket.write('GET /status HTTP/1.1\r\nHo')
  await Promise.all(closed)
  assert.equal((await ask(url, '/status')).status, 200)
})

test('a client of the logs gets the latest records, then those to come, until the logs are closed', async (t) => {
  const { target, url } = await open(t)
  target.feed.push('app', 'old\n', { nr: 0 })
  target.feed.push('app', 'of feed\n', { service: 'feed', nr: 0 })
  const old = '{"log":"app","service":"web","worker":0,"records":"old\\n"}\n{"recent":true}\n'
  assert.equal((await ask(url, '/logs?service=web')).body, old)
  const following = ask(url, '/logs?service=web&follow=1')
  await until('the subscription', () => target.feed.followers === 1)
  target.feed.push('app', 'new\n', { nr: 1 })
  target.feed.push('app', 'of feed\n', { service: 'feed', nr: 0 })
  target.feed.close()
  const { headers, body } = await following
  assert.equal(headers['content-type'], 'application/x-ndjson')
  assert.equal(body, `${old}{"log":"app","service":"web","worker":1,"records":"new\\n"}\n`)
  await until('its end', () => target.feed.followers === 0)
})

test('for a client of the logs that does not read records are left out and counted', async (t) => {
  const { target, url } = await open(t)
  const socket = connectTo(url).pause()
  socket.write('GET /logs?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n')
  await until('the subscription', () => target.feed.followers === 1)
  const count = 200
  for (let nr = 0; nr < count; nr += 1) {
    target.feed.push('app', `${'x'.repeat(limits.unread / 16)}\n\n`, { nr: 0 })
    await turn()
  }
  let text = ''
  socket.on('data', (bytes: Buffer) => (text += bytes.toString()))
  socket.resume()
  await until('the number of lines', () => text.includes('missed'))
  const shown = text.split('"records":').length - 1
  assert.ok(shown > 16 && shown < 150, String(shown))
  assert.deepEqual(/\{"missed":(\d+)\}\n$/.exec(text)?.[1], String(2 * (count - shown)))
  target.feed.push('app', 'again\n', { nr: 0 })
  await until('the next record', () => text.includes('again'))
  socket.destroy()
  await until('its end', () => target.feed.followers === 0)
})
