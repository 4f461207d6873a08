import assert from 'node:assert/strict'
import koffi from 'koffi'
import { test } from 'node:test'
import {
  monotonicMicroseconds,
  notificationSender,
  parseNotifySocket,
} from '../../../src/os/system/notify.ts'
import { openNotifier } from '../../../src/systemd/open.ts'
import { wishesOf } from '../../../src/systemd/environment.ts'

test('the watchdog is for the process that WATCHDOG_PID names, or for any when it names none', () => {
  const base = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '3000000' }
  assert.deepEqual(wishesOf(base, 7, false), { socket: '/run/notify', watchdog: 3000 })
  assert.equal(wishesOf({ ...base, WATCHDOG_PID: '7' }, 7, false).watchdog, 3000)
  assert.equal(wishesOf({ ...base, WATCHDOG_PID: '8' }, 7, false).watchdog, undefined)
  // The environment of the new master of an upgrade is that of the old one.
  assert.equal(wishesOf({ ...base, WATCHDOG_PID: '8' }, 7, true).watchdog, 3000)
  for (const text of ['', '0', '-1', 'soon'])
    assert.equal(wishesOf({ WATCHDOG_USEC: text }, 7, false).watchdog, undefined)
  assert.equal(wishesOf({ NOTIFY_SOCKET: '' }, 7, false).socket, undefined)
})

test('a notify socket is a path or an abstract name; anything else is refused with a reason', () => {
  assert.deepEqual(parseNotifySocket('/run/systemd/notify'), { name: '/run/systemd/notify', abstract: false })
  assert.deepEqual(parseNotifySocket('@/org/notify'), { name: '/org/notify', abstract: true })
  for (const wrong of ['notify', '@', '', 'vsock:2:9999', `/${'x'.repeat(107)}`])
    assert.equal(parseNotifySocket(wrong), undefined)
})

test('without the system calls the operator is warned once, and there is no notifier', () => {
  const warnings: string[] = []
  const warn = (message: string): void => void warnings.push(message)
  const native = new Error('koffi could not be loaded: no such file')
  assert.equal(
    openNotifier({ environment: { NOTIFY_SOCKET: '/n' }, native, isSecond: false, warn }),
    undefined,
  )
  assert.equal(openNotifier({ environment: {}, native, isSecond: false, warn }), undefined)
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /cannot notify systemd.*koffi could not be loaded/)
  assert.ok(notificationSender('vsock:2:9999', native) instanceof Error)
})

test(
  'MONOTONIC_USEC is on the clock that systemd compares it with',
  { skip: process.platform !== 'linux' },
  () => {
    const clock: (id: number, time: BigInt64Array) => number = koffi
      .load('libc.so.6')
      .func('int clock_gettime(int id, void *time)')
    const monotonic = (): bigint => {
      const time = new BigInt64Array(2) // struct timespec
      assert.equal(clock(1, time), 0)
      return (time[0] ?? 0n) * 1_000_000n + (time[1] ?? 0n) / 1000n
    }
    const [before, told, after] = [monotonic(), monotonicMicroseconds(), monotonic()]
    assert.ok(before <= told && told <= after, `${before} ${told} ${after}`)
  },
)
