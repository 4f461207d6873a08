// What tsgunctl prints for a response, where it prints it, and its exit code.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printer, type PrinterOptions } from '../../../src/cli/print-reply.ts'
import { Unreachable, type ControlResponse } from '../../../src/control/client.ts'

interface Printed {
  readonly print: ReturnType<typeof printer>
  readonly out: string[]
  readonly err: string[]
}

function printed(
  name: PrinterOptions['name'],
  { json = false, isTTY = false, environment = {} }: Partial<PrinterOptions> & { isTTY?: boolean } = {},
): Printed {
  const [out, err]: [string[], string[]] = [[], []]
  const print = printer({
    name,
    json,
    environment,
    out: { isTTY, write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
  })
  return { print, out, err }
}

function responseOf(status: number, ...lines: readonly string[]): ControlResponse {
  async function* read(): AsyncGenerator<string> {
    yield* lines
  }
  return { status, lines: read() }
}

test('a successful command prints its text and exits with 0', async () => {
  const { print, out, err } = printed('reload')
  assert.equal(await print.print(responseOf(200, '{"taken":true,', '"attempt":4}')), 0)
  assert.deepEqual([out.length, err], [1, []])
  assert.match(out[0] ?? '', /^reload number 4 accepted/)
})

test('with --json the response is printed as it was received', async () => {
  const { print, out } = printed('rotate', { json: true })
  assert.equal(await print.print(responseOf(200, '{', '  "taken": true', '}')), 0)
  assert.deepEqual(out, ['{\n  "taken": true\n}\n'])
})

test('an error goes to standard error; exit code 2 for a 400, 1 for any other', async () => {
  for (const [status, code] of [
    [400, 2],
    [409, 1],
    [500, 1],
  ] as const) {
    const { print, out, err } = printed('scale')
    assert.equal(await print.print(responseOf(status, '{"error":"workers: wrong"}')), code)
    assert.deepEqual([out, err], [[], ['tsgunctl: workers: wrong\n']])
  }
  const { print, err } = printed('scale')
  assert.equal(await print.print(responseOf(500, '{}')), 1)
  assert.deepEqual(err, ['tsgunctl: the server responded with status 500\n'])
})

test('a response that is cut off is Unreachable', async () => {
  const { print } = printed('status')
  await assert.rejects(print.print(responseOf(200, '{"state":')), Unreachable)
})

test('progress is printed line by line, up to the outcome', async () => {
  const { print, out, err } = printed('reload')
  const lines = ['{"level":"info","msg":"one"}', '{"level":"warn","msg":"two"}', '{"done":true}']
  assert.equal(await print.printProgress(responseOf(200, ...lines)), 0)
  assert.deepEqual([out, err], [['[INFO] one\n', '[WARN] two\n'], []])
})

test('a failed command prints the reason and exits with 1', async () => {
  const { print, out, err } = printed('upgrade', { json: true })
  const line = '{"done":false,"reason":"too old"}'
  assert.equal(await print.printProgress(responseOf(200, line)), 1)
  assert.deepEqual([out, err], [[`${line}\n`], ['tsgunctl: upgrade: too old\n']])
})

test('a connection that ends without an outcome is a success for stop only', async () => {
  const stop = printed('stop')
  assert.equal(await stop.print.printProgress(responseOf(200, '{"level":"info","msg":"stopped"}', '{"le')), 0)
  assert.deepEqual(stop.err, [])
  const reload = printed('reload')
  assert.equal(await reload.print.printProgress(responseOf(200)), 1)
  assert.match(reload.err[0] ?? '', /the connection was closed before the result was known/)
})

test('lines are coloured at a terminal, unless NO_COLOR is set', async () => {
  const lines = ['{"level":"info","msg":"i"}', '{"level":"warn","msg":"w"}', '{"level":"error","msg":"e"}']
  const terminal = printed('stop', { isTTY: true })
  await terminal.print.printProgress(responseOf(200, ...lines))
  assert.deepEqual(terminal.out, [
    '[INFO] i\n',
    '\u001B[33m[WARN] w\u001B[0m\n',
    '\u001B[31m[ERROR] e\u001B[0m\n',
  ])
  const plain = printed('stop', { isTTY: true, environment: { NO_COLOR: '1' } })
  await plain.print.printProgress(responseOf(200, ...lines))
  assert.deepEqual(plain.out, ['[INFO] i\n', '[WARN] w\n', '[ERROR] e\n'])
})
