// What `tsgunctl logs` shows of what the server sends.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { logPrinter } from '../../../../src/cli/logs/printer.ts'
import { printLogs } from '../../../../src/cli/logs/print.ts'
import { wantedRecords } from '../../../../src/cli/logs/wanted.ts'
import { Unreachable } from '../../../../src/control/client.ts'
import type { LogStreamLine } from '../../../../src/control/protocol.ts'

interface Printing {
  readonly fields?: Readonly<Record<string, unknown>>
  /** Where the next master responds. */
  readonly socket?: string
  readonly code?: number
  readonly json?: boolean
  readonly isTTY?: boolean
}

async function print(
  lines: readonly LogStreamLine[],
  { fields = {}, json = false, isTTY = false, socket = '/no/socket', code = 0 }: Printing = {},
): Promise<{ readonly out: string; readonly err: string }> {
  let [out, err] = ['', '']
  const printer = logPrinter({
    json,
    environment: {},
    out: { isTTY, write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
  })
  async function* read(): AsyncGenerator<string> {
    yield* lines.map((line) => JSON.stringify(line))
  }
  const response = { status: 200, lines: read() }
  const request = { method: 'GET', path: '/logs', body: {} }
  const exitCode = await printLogs(socket, request, {
    response,
    wanted: wantedRecords(fields),
    printer,
  })
  assert.equal(exitCode, code)
  return { out, err }
}

const record = (level: string, text: string): string => `[2026-12-01] [7] [${level}] ${text}\n`
const app = (records: string, service = 'web'): LogStreamLine => ({ log: 'app', service, worker: 0, records })
const access: LogStreamLine = { log: 'access', service: 'web', worker: 0, records: ' GET /\n GET /b\n' }
const recent: LogStreamLine = { recent: true }

test('the last ten of the latest records are shown, behind the names of their logs', async () => {
  const many = Array.from({ length: 20 }, (_, nr) => record('INFO', String(nr))).join('')
  const { out } = await print([app(many), app(record('INFO', 'of feed'), 'feed'), access, recent])
  assert.deepEqual(
    out.split('\n').map((line) => line.replace('[2026-12-01] [7] ', '')),
    [
      ...[13, 14, 15, 16, 17, 18, 19].map((nr) => `app    | [INFO] ${nr}`),
      'feed/app | [INFO] of feed',
      'access   |  GET /',
      'access   |  GET /b',
      '',
    ],
  )
})

test('with one log the names are left out; -n gives the number of latest records', async () => {
  const lines = [app(record('INFO', 'a') + record('INFO', 'b') + record('WARN', 'c')), recent]
  assert.equal((await print(lines, { fields: { log: 'app', lines: 1 } })).out, record('WARN', 'c'))
  assert.equal((await print(lines, { fields: { log: 'app', lines: 0 } })).out, '')
})

test('after the latest each new record is shown; at the end the exit is noted', async () => {
  const lines = [app(record('INFO', 'old')), recent, app(record('INFO', 'new'))]
  const { out, err } = await print(lines, { fields: { log: 'app', follow: true, lines: 0 } })
  assert.equal(out, record('INFO', 'new'))
  assert.equal(err, 'tsgunctl: the server has exited\n')
})

test('--level leaves out what is below it, and the access log', async () => {
  const lines = [
    app(record('INFO', 'a') + record('ERROR', 'b\n    stack') + record('OWN', 'c')),
    access,
    recent,
  ]
  const { out } = await print(lines, { fields: { level: 'WARN' } })
  assert.equal(out, `app    | ${record('ERROR', 'b\n    stack')}app    | ${record('OWN', 'c')}`)
})

test('--grep searches all lines of a record', async () => {
  const lines = [app(record('INFO', 'a') + record('ERROR', 'b\n    at pay (app.js:7)')), access, recent]
  const { out } = await print(lines, { fields: { grep: 'pay \\(|/b$' } })
  assert.equal(out, `app    | ${record('ERROR', 'b\n    at pay (app.js:7)')}access |  GET /b\n`)
})

test('what was left out is noted; as JSON it is a line of its own', async () => {
  const lines: LogStreamLine[] = [recent, { missed: 12 }, app(record('INFO', 'a'))]
  assert.match((await print(lines)).err, /^tsgunctl: 12 lines are not shown: /)
  const { out, err } = await print(lines, { json: true })
  assert.equal(err, '')
  assert.deepEqual(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [{ missed: 12 }, { log: 'app', service: 'web', worker: 0, text: record('INFO', 'a').trimEnd() }],
  )
})

test('on a terminal warnings and errors are coloured', async () => {
  const { out } = await print([app(record('INFO', 'a') + record('ERROR', 'b')), recent], { isTTY: true })
  assert.match(out, /^app {4}\| \[2026-12-01\] \[7\] \[INFO\] a\n/)
  assert.ok(out.includes('\u001B[31m[2026-12-01] [7] [ERROR] b\u001B[0m\n'))
})

test('latest records that are not complete are an error', async () => {
  await assert.rejects(print([app(record('INFO', 'a'))]), Unreachable)
})

for (const [fields, message] of [
  [{ lines: 'x' }, '--lines: expected a whole number from 0; got x'],
  [{ lines: -1 }, '--lines: expected a whole number from 0; got -1'],
  [{ level: 'wrn' }, /^--level: expected "trace", .*; got wrn; did you mean warn\?$/],
  [{ log: 'access', level: 'info' }, '--level: the access log has no levels'],
  [{ grep: '(' }, /^--grep: expected a regular expression; got \(: Invalid regular expression/],
] as const)
  test(`${JSON.stringify(fields)} is refused`, () => {
    assert.throws(() => wantedRecords(fields), { name: 'WrongOption', message })
  })

/** A control socket that responds once, to `path`. */
async function respondOnce(t: TestContext, status: number, body: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-logs-'))
  const socket = join(directory, 'ctl.sock')
  const server = createServer((_request, response) => {
    response.writeHead(status, { server: 'tsgun', connection: 'close' }).end(body)
    server.close()
  })
  t.after(() => rmSync(directory, { recursive: true }))
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return socket
}

test('after the end of a master all records of the next one are shown', async (t) => {
  const next = [...Array.from({ length: 20 }, (_, nr) => app(record('INFO', `next ${nr}`))), recent]
  const socket = await respondOnce(t, 200, next.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const { out, err } = await print([recent], { fields: { log: 'app', follow: true }, socket })
  assert.equal(out.match(/next \d/g)?.length, 20)
  assert.equal(err, 'tsgunctl: the server has exited\n')
})

test('the next master may refuse the request, for example of a service that it does not have', async (t) => {
  const socket = await respondOnce(t, 400, '{"error":"logs: there is no service \\"feed\\""}\n')
  const { err } = await print([recent], { fields: { service: 'feed', follow: true }, socket, code: 1 })
  assert.equal(err, 'tsgunctl: the new master refuses the request: logs: there is no service "feed"\n')
})
