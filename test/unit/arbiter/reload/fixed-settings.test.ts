// Which settings a reload does not change.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepFixed } from '../../../../src/arbiter/reload/fixed-settings.ts'
import { settingsWith } from '../world/generations.ts'

test('settings that only a restart changes keep their old values and are named', () => {
  const before = settingsWith({ bind: '127.0.0.1:1', pidfile: 'a.pid', workers: 1 })
  const after = settingsWith({ bind: '127.0.0.1:2', pidfile: 'b.pid', workers: 5 })
  const { settings, kept } = keepFixed(before, after)
  assert.deepEqual(kept, ['pidfile'])
  assert.deepEqual([settings.bind, settings.pidfile, settings.workers], ['127.0.0.1:2', 'a.pid', 5])
  assert.deepEqual(keepFixed(before, before).kept, [])
})
