// The behaviour that every kind of app can rely on, as one suite over the routes that all fixture apps share
// (test/fixtures/apps). It knows a server only from outside: its address and the text of its error log.

import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { type RawConnection, connectRaw, exchange, expectText, open, responseOf, within } from './client.ts'
import { eventually } from '../helpers/wait.ts'

export interface RunningApp {
  /** `http://host:port` */
  readonly url: string
  /** Resolves with the error log so far, stacks included. */
  reported(): Promise<string>
  /** Stops it gracefully; resolves with all that the app has written to its standard output. */
  stop(): Promise<string>
}

interface Echo {
  readonly method: string
  readonly path: string
  readonly query: readonly (readonly [string, string])[]
  readonly headers: Readonly<Record<string, unknown>>
  readonly started: boolean
  readonly stopped: boolean
  readonly pid: number
}

interface Seen {
  readonly hanging: number
  readonly abortedHangs: number
  readonly abortedStreams: number
}

type Running = () => RunningApp

/** Runs the suite against one app; `start` is called once and resolves when the app accepts requests. */
export function appContract(name: string, start: () => Promise<RunningApp>): void {
  describe(`an app of ${name}`, () => {
    let running: RunningApp | undefined
    before(async () => {
      running = await start()
    })
    after(async () => void (await running?.stop()))
    const app: Running = () => {
      assert.ok(running, 'the app has started')
      return running
    }
    testRequests(app)
    testBodies(app)
    testAborts(app)
    testFailures(app)
    test('its shutdown() is awaited, after its last response, when the server stops', async () => {
      assert.equal((await echo(app())).stopped, false)
      const output = await app().stop()
      assert.match(output, /the app has shut down/)
    })
  })
}

function testRequests(app: Running): void {
  test('its startup() has been awaited before its first request', async () => {
    assert.equal((await echo(app())).started, true)
  })

  test('receives the method, the path, the query and the headers as they were sent', async () => {
    const { body } = await exchange(app().url, '/echo?b=2&a=1&a=%C3%A9', {
      method: 'PUT',
      headers: { 'X-Probe': 'a value' },
    })
    const { method, path, query, headers }: Echo = JSON.parse(body.toString())
    const expected = [
      ['b', '2'],
      ['a', '1'],
      ['a', 'é'],
    ]
    assert.deepEqual(
      { method, path, query, probe: headers['x-probe'] },
      { method: 'PUT', path: '/echo', query: expected, probe: 'a value' },
    )
  })

  test('receives every value of a repeated request header', async () => {
    const { body } = await exchange(app().url, '/echo', { headers: { 'x-many': ['one', 'two'] } })
    const { headers }: Echo = JSON.parse(body.toString())
    assert.equal(headers['x-many'], 'one, two')
  })

  test('sends a response header twice when it is set twice', async () => {
    const { headers } = await exchange(app().url, '/cookies')
    assert.deepEqual(headers['set-cookie'], ['first=1; Path=/', 'second=2; Path=/'])
  })

  test('responds to HEAD with the head alone, and the connection stays open', async () => {
    const connection = await askRaw(app(), ['HEAD /echo', 'GET /echo'])
    assert.match(connection.text(), /^HTTP\/1\.1 200 [^\r]*\r\n(?:[^\r]+\r\n)*\r\nHTTP\/1\.1 200 [^\r]*\r\n/)
    assert.match(connection.text().split('\r\n\r\n', 1).join(), /^content-type: application\/json/im)
  })

  test('responds with 204 without a body, and the connection stays open', async () => {
    const connection = await askRaw(app(), ['GET /empty', 'GET /echo'])
    assert.match(connection.text(), /^HTTP\/1\.1 204 [^\r]*\r\n(?:[^\r]+\r\n)*\r\nHTTP\/1\.1 200 [^\r]*\r\n/)
  })

  test('responds with 404 where it has no route', async () => {
    assert.equal((await exchange(app().url, '/nowhere')).status, 404)
  })
}

function testBodies(app: Running): void {
  const large = randomBytes(5 * 1024 * 1024)

  test('echoes 5 MB with a content-length', async () => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': large.length }
    const { status, body } = await exchange(app().url, '/body', { method: 'POST', headers }, large)
    assert.equal(status, 200)
    assert.ok(body.equals(large), `${body.length} bytes came back, not the ${large.length} that were sent`)
  })

  test('echoes 5 MB in chunks', async () => {
    const headers = { 'content-type': 'application/octet-stream', 'transfer-encoding': 'chunked' }
    const { status, body } = await exchange(app().url, '/body', { method: 'POST', headers }, large)
    assert.equal(status, 200)
    assert.ok(body.equals(large), `${body.length} bytes came back, not the ${large.length} that were sent`)
  })

  test('reads a request body while the client still sends it, and responds meanwhile', async () => {
    const outgoing = open(app().url, '/body', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
    })
    outgoing.write('ping')
    const response = await responseOf(outgoing)
    await expectText(response, 'ping')
    outgoing.write('pong')
    await expectText(response, 'pong')
    outgoing.end()
    assert.deepEqual(await within('the end of the body', response.toArray()), [])
  })

  test('sends each piece of a stream as soon as it has it, in chunks', async () => {
    const outgoing = open(app().url, '/stream')
    outgoing.end()
    const response = await responseOf(outgoing)
    assert.equal(response.headers['transfer-encoding'], 'chunked')
    await expectText(response, 'one\n')
    await release(app())
    await expectText(response, 'two\n')
    assert.deepEqual(await within('the end of the stream', response.toArray()), [])
  })
}

function testAborts(app: Running): void {
  test('is notified when a client disconnects before its response', async () => {
    const before = await seen(app())
    const outgoing = open(app().url, '/hang').on('error', () => undefined)
    outgoing.end()
    await eventually(
      'the request to reach the app',
      async () => (await seen(app())).hanging > before.hanging || undefined,
    )
    assert.equal((await seen(app())).abortedHangs, before.abortedHangs)
    outgoing.destroy()
    await eventually(
      'the app to see the abort',
      async () => (await seen(app())).abortedHangs > before.abortedHangs || undefined,
    )
    assert.equal((await seen(app())).abortedHangs, before.abortedHangs + 1)
  })

  test('is notified when a client disconnects in the middle of a stream, which is not reported as an error', async () => {
    const before = await seen(app())
    const outgoing = open(app().url, '/stream')
    outgoing.end()
    const response = await responseOf(outgoing)
    response.on('error', () => undefined)
    await expectText(response, 'one\n')
    assert.equal((await seen(app())).abortedStreams, before.abortedStreams)
    outgoing.destroy()
    await eventually(
      'the app to see the abort',
      async () => (await seen(app())).abortedStreams > before.abortedStreams || undefined,
    )
    const log = await failAndReadLog(app())
    assert.doesNotMatch(log, /premature close|aborted|AbortError|ECONNRESET|EPIPE/i)
  })

  test('does not take the end of a complete stream for an abort', async () => {
    const before = await seen(app())
    const outgoing = open(app().url, '/stream')
    outgoing.end()
    const response = await responseOf(outgoing)
    await expectText(response, 'one\n')
    await release(app())
    await within('the end of the stream', response.toArray())
    await within(
      'the close of the connection',
      outgoing.destroyed ? Promise.resolve([]) : once(outgoing, 'close'),
    )
    assert.deepEqual(await seen(app()), before)
  })
}

function testFailures(app: Running): void {
  for (const [route, what] of [
    ['throw', 'an error that it throws'],
    ['reject', 'a promise that it rejects'],
  ] as const) {
    test(`${what} is a 500 without a stack, one report with the stack, and the worker lives`, async () => {
      const { pid } = await echo(app())
      const token = randomUUID()
      const { status, body } = await exchange(app().url, `/${route}?token=${token}`)
      assert.equal(status, 500)
      assert.doesNotMatch(body.toString(), /\bat .*:\d+|\.ts\b/)
      assert.equal(stacks(await failAndReadLog(app(), `${route} ${token}`), `${route} ${token}`), 1)
      assert.equal((await echo(app())).pid, pid)
    })
  }

  test('an error after the head cuts the connection off, so that the client notices, and is reported once', async () => {
    const { pid } = await echo(app())
    const token = randomUUID()
    const connection = connectRaw(app().url)
    connection.socket.write(`GET /late?token=${token} HTTP/1.1\r\nHost: fixture\r\n\r\n`)
    await connection.until(/begun\n/)
    await release(app())
    await connection.closed()
    assert.match(connection.text(), /^HTTP\/1\.1 200 [^\r]*\r\n/)
    assert.doesNotMatch(connection.text(), /\r\n0\r\n\r\n$/, 'the response ended as if it were whole')
    assert.equal(stacks(await failAndReadLog(app(), `late ${token}`), `late ${token}`), 1)
    assert.equal((await echo(app())).pid, pid)
  })

  test('an error that carries a 4xx status is that response, and is not reported', async () => {
    const token = randomUUID()
    const { status } = await exchange(app().url, `/refuse?token=${token}`)
    assert.equal(status, 403)
    assert.doesNotMatch(await failAndReadLog(app()), new RegExp(token))
  })
}

async function echo({ url }: RunningApp): Promise<Echo> {
  const { status, body } = await exchange(url, '/echo')
  assert.equal(status, 200)
  return JSON.parse(body.toString())
}

async function seen({ url }: RunningApp): Promise<Seen> {
  const { status, body } = await exchange(url, '/seen')
  assert.equal(status, 200)
  return JSON.parse(body.toString())
}

/** Lets the waiting routes continue. */
async function release({ url }: RunningApp): Promise<void> {
  const { status } = await exchange(url, '/release', { method: 'POST' })
  assert.equal(status, 204)
}

/**
 * Sends the requests at once on one connection and waits until it is closed, as the last request demands.
 */
async function askRaw({ url }: RunningApp, requests: readonly string[]): Promise<RawConnection> {
  const connection = connectRaw(url)
  const last = requests.length - 1
  const heads = requests.map(
    (line, index) =>
      `${line} HTTP/1.1\r\nHost: fixture\r\n${index === last ? 'Connection: close\r\n' : ''}\r\n`,
  )
  connection.socket.write(heads.join(''))
  await connection.closed()
  return connection
}

/**
 * The error log after it has everything of the requests before: it is read once it has `expected`, if that is
 * given, and then an error that was provoked last.
 */
async function failAndReadLog(app: RunningApp, expected?: string): Promise<string> {
  if (expected !== undefined) await logWith(app, expected)
  const token = randomUUID()
  await exchange(app.url, `/throw?token=${token}`)
  return logWith(app, token)
}

const logWith = (app: RunningApp, text: string): Promise<string> =>
  eventually(`"${text}" in the error log`, async () => {
    const log = await app.reported()
    return log.includes(text) ? log : undefined
  })

/**
 * How many stacks of an error a log has: a record may tell the message several times, but the stack once. In
 * JSON the newline is escaped.
 */
const stacks = (log: string, message: string): number =>
  log.split(new RegExp(`Error: ${message}(?:\\\\n|\\n)\\s+at `)).length - 1
