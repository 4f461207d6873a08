import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBacklog, checkOpenFiles, checkPortRange } from '../../../../src/doctor/checks/limits.ts'
import { checkNode } from '../../../../src/doctor/checks/node.ts'

test('open files are compared with worker_connections', () => {
  const level = (limit: number | undefined): string | undefined =>
    checkOpenFiles({ limit, owner: 'started from here', connections: 1000 })[0]?.level
  assert.deepEqual([256, 1063, 1064, 2063, 2064, Infinity].map(level), [
    'wrong',
    'wrong',
    'warning',
    'warning',
    'ok',
    'ok',
  ])
  assert.equal(level(undefined), undefined)
})

test('a backlog that the kernel cuts is wrong if the config sets it', () => {
  const level = (backlog: number, isSet: boolean): string | undefined =>
    checkBacklog({ backlog, isSet, somaxconn: 4096 })[0]?.level
  assert.deepEqual([level(4096, true), level(4097, false), level(4097, true)], ['ok', 'warning', 'wrong'])
  assert.deepEqual(checkBacklog({ backlog: 1, isSet: true, somaxconn: undefined }), [])
})

test('a port that outgoing connections may take is told, unless it is reserved', () => {
  const found = (reserved: string): number =>
    checkPortRange([8000, 40_000], '32768\t60999\n', reserved).length
  assert.deepEqual([found('\n'), found('40000'), found('1-2,39999-40001'), found('41000')], [1, 0, 0, 1])
  assert.deepEqual(checkPortRange([8000], '', ''), [])
})

test('versions of Node.js without long-term support are told', () => {
  const levels = ['v20.19.0', 'v22.1.0', 'v23.4.0', 'v24.0.0', 'v26.1.0', 'v27.0.0'].map(
    (version) => checkNode(version).level,
  )
  assert.deepEqual(levels, ['ok', 'ok', 'warning', 'ok', 'ok', 'warning'])
})
