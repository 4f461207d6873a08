// The settings of a service: its own, then those of the server that are not about its app.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  ownPartsOf,
  poolSettingsOf,
  serviceKinds,
  settingsOfService,
} from '../../../../src/config/sources/service-plans.ts'
import { poolSettingNames } from '../../../../src/config/settings/services.ts'
import { settingsWith } from '../../arbiter/world/generations.ts'

const top = settingsWith({
  bind: '127.0.0.1:1',
  workers: 3,
  worker_class: 'sync',
  timeout: 9,
  health_check: '/up',
  max_requests: 5,
  max_memory: '100M',
  env: { A: 'top', B: 'top' },
  loglevel: 'debug',
})

test('an app takes over what it leaves out, except the health check; variables are added', () => {
  const own = { bind: 'unix:live.sock', workers: 1, env: { B: 'own' } }
  const settings = settingsOfService(top, { kind: 'app', own })
  assert.deepEqual(
    [settings.bind, settings.workers, settings.worker_class, settings.timeout, settings.max_requests],
    ['unix:live.sock', 1, 'sync', 9, 5],
  )
  assert.equal(settings.health_check, null)
  assert.deepEqual(settings.env, { A: 'top', B: 'own' })
})

test('a module has no address and no limit of requests, a program also no beat', () => {
  const run = settingsOfService(top, { kind: 'run', own: { timeout: 2 } })
  assert.deepEqual([run.app, run.bind, run.worker_class, run.max_requests], [null, [], 'async', 0])
  assert.deepEqual([run.timeout, run.max_memory, run.loglevel], [2, top.max_memory, 'debug'])
  const command = settingsOfService(top, { kind: 'command', own: {} })
  assert.deepEqual([command.timeout, command.watchdog, command.max_memory], [0, false, null])
})

test('each kind names settings and parts that exist', () => {
  for (const kind of serviceKinds) {
    const settings = poolSettingsOf[kind]
    if (settings !== 'all')
      assert.deepEqual(
        settings.filter((name) => !poolSettingNames.includes(name)),
        [],
      )
    assert.ok(ownPartsOf[kind].includes('after'))
  }
})
