// The environment variables of systemd, and the notifier that they ask for.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openNotifier } from '../../../src/systemd/open.ts'
import { supervisorOptions } from '../../../src/systemd/environment.ts'

test('the watchdog is for the process that WATCHDOG_PID names, or for any when it names none', () => {
  const base = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000' }
  assert.deepEqual(supervisorOptions(base, 7, false), { socket: '/run/notify', watchdog: 3000 })
  assert.equal(supervisorOptions({ ...base, WATCHDOG_PID: '7' }, 7, false).watchdog, 3000)
  assert.equal(supervisorOptions({ ...base, WATCHDOG_PID: '8' }, 7, false).watchdog, undefined)
  // The environment of the new master of an upgrade is that of the old one.
  assert.equal(supervisorOptions({ ...base, WATCHDOG_PID: '8' }, 7, true).watchdog, 3000)
  for (const text of ['', '0', '-1', 'soon'])
    assert.equal(supervisorOptions({ WATCHDOG_USEC: text }, 7, false).watchdog, undefined)
  assert.equal(supervisorOptions({ NOTIFY_SOCKET: '' }, 7, false).socket, undefined)
})

test('without the system calls the operator is warned once, and no notifier is opened', async () => {
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const native = new Error('koffi could not be loaded: no such file')
  assert.equal(
    await openNotifier({ environment: { NOTIFY_SOCKET: '/n' }, native, isSecond: false, warn }),
    undefined,
  )
  assert.equal(await openNotifier({ environment: {}, native, isSecond: false, warn }), undefined)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /cannot notify systemd.*koffi could not be loaded/)
})
