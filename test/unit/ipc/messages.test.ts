// Which received values are messages of tsgun.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openArbiterMessage, openWorkerMessage, seal, type WorkerMessage } from '../../../src/ipc/messages.ts'

const report = {
  where: 'javascript',
  silent: 3000,
  step: null,
  stack: ['at run (app.ts:1:1)'],
  requests: ['GET /'],
  more: 0,
  heapUsed: 1,
  heapLimit: null,
  rss: 2,
} as const

const valid: readonly WorkerMessage[] = [
  { type: 'hello' },
  { type: 'ready' },
  {
    type: 'beat',
    requests: 1,
    busy: 0,
    connections: 1,
    overdue: 0,
    rss: 1,
    heapUsed: 1,
    heapLimit: 1,
  },
  { type: 'boot_failed', failure: 'app', error: { message: 'a', stack: 'b' } },
  { type: 'broken', error: { message: 'a', stack: 'b' } },
  {
    type: 'loaded_files',
    files: [
      { path: '/a', mtime: 1 },
      { path: '/b', mtime: null },
    ],
  },
  { type: 'cut', requests: ['GET /'] },
  { type: 'shut' },
  { type: 'dropped', log: 'access', lines: 2 },
  { type: 'debugged', on: true },
  { type: 'stuck', report },
  { type: 'spent' },
  { type: 'disconnected' },
  { type: 'fault', error: { message: 'x', stack: 'Error: x' } },
]

for (const message of valid)
  test(`${message.type} is a message of a worker`, () =>
    assert.deepEqual(openWorkerMessage(seal(message)), message))

const invalid: Readonly<Record<string, unknown>> = {
  'a message of the app': { type: 'ready' },
  text: 'ready',
  null: null,
  'an empty envelope': { tsgun: null },
  'an unknown type': { tsgun: { type: 'other' } },
  'an inherited name as type': { tsgun: { type: 'toString' } },
  'a type that is not text': { tsgun: { type: 1 } },
  'a beat without figures': { tsgun: { type: 'beat', requests: 1 } },
  'an unknown failure': { tsgun: { type: 'boot_failed', failure: 'x', error: { message: '', stack: '' } } },
  'an error without a stack': { tsgun: { type: 'broken', error: { message: '' } } },
  'a fault without an error': { tsgun: { type: 'fault' } },
  'a confirmation without a number': { tsgun: { type: 'challenged', nr: '1' } },
  'a file without a path': { tsgun: { type: 'loaded_files', files: [{ mtime: 1 }] } },
  'a file without a time': { tsgun: { type: 'loaded_files', files: [{ path: '/a' }] } },
  'a request that is not text': { tsgun: { type: 'cut', requests: [1] } },
  'an unknown log': { tsgun: { type: 'dropped', log: 'other', lines: 1 } },
  'lines that are not a number': { tsgun: { type: 'dropped', log: 'app', lines: '1' } },
  'a flag that is text': { tsgun: { type: 'debugged', on: 'yes' } },
  'a report of an unknown place': { tsgun: { type: 'stuck', report: { ...report, where: 'x' } } },
  'a report without a figure': { tsgun: { type: 'stuck', report: { ...report, rss: undefined } } },
  'a report with heap as text': { tsgun: { type: 'stuck', report: { ...report, heapUsed: '1' } } },
  'a report with a step that is not text': { tsgun: { type: 'stuck', report: { ...report, step: 1 } } },
  'a report with a stack that is not a list': { tsgun: { type: 'stuck', report: { ...report, stack: 'x' } } },
  'a report that is missing': { tsgun: { type: 'stuck' } },
}

for (const [what, value] of Object.entries(invalid))
  test(`${what} is not a message of a worker`, () => assert.equal(openWorkerMessage(value), undefined))

test('a message of the arbiter is recognized by its type', () => {
  for (const type of ['boot', 'unready', 'retire', 'quit', 'abort', 'challenges'])
    assert.deepEqual(openArbiterMessage({ tsgun: { type } }), { type })
  for (const value of [{ tsgun: { type: 'ready' } }, { type: 'abort' }, undefined])
    assert.equal(openArbiterMessage(value), undefined)
})
