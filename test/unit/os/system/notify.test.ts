// Datagrams to the supervisor: the address of the socket, what cannot be sent, and the clock.

import assert from 'node:assert/strict'
import koffi from 'koffi'
import { test } from 'node:test'
import type { NativeCalls } from '../../../../src/os/system/native.ts'
import {
  monotonicMicroseconds,
  notificationSender,
  parseNotifySocket,
} from '../../../../src/os/system/notify.ts'

test('a notify socket is a path or an abstract name; anything else has no address', () => {
  assert.deepEqual(parseNotifySocket('/run/systemd/notify'), { name: '/run/systemd/notify', abstract: false })
  assert.deepEqual(parseNotifySocket('@/org/notify'), { name: '/org/notify', abstract: true })
  for (const wrong of ['notify', '@', '', 'vsock:2:9999', `/${'x'.repeat(107)}`])
    assert.equal(parseNotifySocket(wrong), undefined)
})

test('without the system calls, or for another kind of address, the reason is returned', () => {
  const native = new Error('koffi could not be loaded: no such file')
  assert.equal(notificationSender('/run/notify', native), native)
  const calls = { sendDatagram: assert.fail } as unknown as NativeCalls
  assert.match(
    String(notificationSender('vsock:2:9999', calls)),
    /it is not the address of a unix socket: "vsock:2:9999"/,
  )
  assert.match(
    String(notificationSender('/run/notify', { ...calls, sendDatagram: undefined })),
    /tsgun cannot send datagrams on /,
  )
})

test(
  'MONOTONIC_USEC has the clock that systemd compares it with',
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
    const [before, measured, after] = [monotonic(), monotonicMicroseconds(), monotonic()]
    assert.ok(before <= measured && measured <= after, `${before} ${measured} ${after}`)
  },
)
