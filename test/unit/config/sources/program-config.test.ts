// The config that a program gives as a value.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hookNames, hookTable } from '../../../../src/config/hooks/table.ts'
import { ConfigError, problemLine } from '../../../../src/config/problems/problem.ts'
import { UnsettledConfig } from '../../../../src/config/problems/unsettled.ts'
import { programConfig, programProblems } from '../../../../src/config/sources/program-config.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'
import { exitCodes } from '../../../../src/ipc/exit-codes.ts'

test('hooks of workers as functions are refused one by one, those of the master are not', async () => {
  const hooks = Object.fromEntries(hookNames.map((name) => [name, () => undefined]))
  const found = await programConfig(hooks)
  assert.ok('problems' in found)
  const ofWorkers = hookNames.filter((name) => hookTable[name].process === 'worker')
  assert.deepEqual(
    found.problems?.map(({ name }) => name),
    ofWorkers,
  )
  assert.match(problemLine(found.problems?.[0] ?? { where: '', name: '', message: '' }), /hooks: \["/)
})

test('a function is called, and what is no config is a problem', async () => {
  const found = await programConfig(() => Promise.resolve({ workers: 3 }))
  assert.ok('source' in found)
  assert.deepEqual(found.source?.values, { workers: 3 })
  const failed = [
    await programConfig(5),
    await programConfig(() => {
      throw new Error('no vault')
    }),
  ]
  assert.deepEqual(
    failed.map((each) => ('message' in each ? each.where : '')),
    ['createServer()', 'createServer()'],
  )
  assert.match('message' in (failed[1] ?? {}) ? JSON.stringify(failed[1]) : '', /no vault/)
})

test('what only the command can do is refused', () => {
  const { settings } = resolveSettings(
    [{ where: 'test', values: { daemon: true, print_config: true, pidfile: 'a' } }],
    {},
  )
  assert.deepEqual(
    programProblems(settings).map(({ name }) => name),
    ['daemon', 'print_config'],
  )
})

test('the errors of a config have the exit codes of the command', () => {
  assert.equal(new ConfigError([]).exitCode, exitCodes.refused.code)
  assert.equal(new UnsettledConfig([]).exitCode, exitCodes.bootFailed.code)
})
