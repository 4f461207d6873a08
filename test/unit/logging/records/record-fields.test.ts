// The table of record fields in the docs: it has exactly the fields that the server writes.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import ts from 'typescript'
import { OutputCapture } from '../../../../src/logging/capture/output.ts'
import { createLogger } from '../../../../src/logging/records/logger.ts'
import { recordFields } from '../../../../src/logging/records/record-fields.ts'
import { repository } from '../../../helpers/tsgun.ts'

const names: readonly string[] = recordFields.map(({ name }) => name)

/**
 * Returns the keys of each object literal named `fields` or `said`, or that is the first argument of a
 * logger.
 */
function fieldsIn(file: string): string[] {
  const text = readFileSync(join(repository, 'src', file), 'utf8')
  const found: string[] = []
  const keysOf = (node: ts.Node): void => {
    if (ts.isObjectLiteralExpression(node))
      for (const property of node.properties)
        if (property.name !== undefined && ts.isIdentifier(property.name)) found.push(property.name.text)
        else if (ts.isSpreadAssignment(property)) keysOf(property.expression)
    if (ts.isCallExpression(node) && node.expression.getText() === 'saying')
      node.arguments.slice(1).forEach(keysOf)
    if (ts.isParenthesizedExpression(node)) keysOf(node.expression)
    if (ts.isConditionalExpression(node)) [node.whenTrue, node.whenFalse].forEach(keysOf)
  }
  const visit = (node: ts.Node): void => {
    const isNamed = ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node)
    if (isNamed && /^(?:fields|said)$/.test(node.name.getText()) && node.initializer) keysOf(node.initializer)
    if (
      ts.isCallExpression(node) &&
      /\blog\(\)(\.\w+|\[.*\])$/s.test(node.expression.getText()) &&
      node.arguments[0]
    )
      keysOf(node.arguments[0])
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
  return found
}

/** The files that write records: the sentences of the arbiter, the worker process, and its bus. */
const sources = ['arbiter/report', 'worker', 'bus/client'].flatMap((folder) =>
  readdirSync(join(repository, 'src', folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
)
const written = new Set(sources.flatMap(fieldsIn))

test('each field of records that the server writes is in the table', () => {
  assert.ok(
    written.has('exit_code') && written.has('request_id') && written.has('hook'),
    [...written].join(' '),
  )
  const missing = [...written].filter((name) => !names.includes(name))
  assert.deepEqual(missing, [], 'add them to src/logging/records/record-fields.ts and run `npm run docs`')
})

test('each field of the table is written by the server', () => {
  const ofEveryRecord = ['level', 'time', 'pid', 'nr', 'task', 'process', 'stream', 'msg']
  assert.deepEqual(
    names.filter((name) => !written.has(name) && !ofEveryRecord.includes(name)),
    [],
  )
  assert.equal(new Set(names).size, names.length)
})

function recordsOf(make: (write: (line: string) => void) => void): Readonly<Record<string, unknown>> {
  let line = ''
  make((text) => (line = text))
  return JSON.parse(line) as Readonly<Record<string, unknown>>
}

test('a record has its fields in the order of the table, and fields of the app before the message', () => {
  const logged = recordsOf((write) => {
    const log = createLogger({
      level: 'info',
      format: 'json',
      color: false,
      base: { pid: 1, nr: 0 },
      write,
    })
    log.child({ request_id: 'a' }).error({ err: new Error('x'), order: 17 }, 'failed')
  })
  assert.deepEqual(Object.keys(logged), ['level', 'time', 'pid', 'nr', 'request_id', 'err', 'order', 'msg'])
  const captured = recordsOf((write) => {
    new OutputCapture({ stream: 'stdout', pid: 1, nr: 0, format: 'json', color: false, write }).push(
      Buffer.from('x\n'),
    )
  })
  assert.deepEqual(Object.keys(captured), ['level', 'time', 'pid', 'nr', 'stream', 'msg'])
  for (const record of [logged, captured]) {
    const order = Object.keys(record).filter((name) => names.includes(name))
    assert.deepEqual(
      order,
      names.filter((name) => order.includes(name)),
    )
  }
})

test('the fields have the types of the table', () => {
  const error = new Error('outer', { cause: new Error('inner') })
  const { err, ...rest } = recordsOf((write) => {
    createLogger({ level: 'info', format: 'json', color: false, base: { pid: 1, nr: 0 }, write }).error(
      { err: error },
      'x',
    )
  })
  for (const { name, type } of recordFields.filter((field) => field.name in rest))
    assert.ok(type === 'integer' ? Number.isInteger(rest[name]) : typeof rest[name] === 'string', name)
  const { type, message, stack, cause } = err as Readonly<Record<string, unknown>> // serialised by pino
  assert.deepEqual([type, message, typeof stack], ['Error', 'outer', 'string'])
  assert.equal((cause as Readonly<Record<string, unknown>>)['message'], 'inner')
})
