import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAddress, checkReach } from '../../../../src/doctor/checks/addresses.ts'
import type { AddressFacts } from '../../../../src/doctor/facts/address-facts.ts'

const server = { running: { pid: 7, pidfile: '/run/a.pid' }, name: './app.ts' }

const cases: readonly (readonly [facts: Partial<AddressFacts>, level: string, message: RegExp])[] = [
  [{}, 'ok', /is free$/],
  [{ problem: 'cannot listen on x: permission denied' }, 'wrong', /permission denied/],
  [
    { holder: { pid: 7, title: 'tsgun: master [shop]' } },
    'ok',
    /this server \(master pid 7, pidfile \/run\/a\.pid\)/,
  ],
  [
    { holder: { pid: 8, title: 'tsgun: master [./app.ts]' } },
    'ok',
    /tsgun of this name \(master pid 8, no pidfile\)/,
  ],
  [
    { holder: { pid: 9, title: 'tsgun: master [./other.ts]' } },
    'wrong',
    /process 9 \(tsgun: master \[\.\/other\.ts\]\)/,
  ],
  [
    { holder: { pid: 9, title: 'nginx: master process' } },
    'wrong',
    /in use by process 9 \(nginx: master process\)/,
  ],
  [{ holder: { pid: 1, title: '/sbin/init' } }, 'ok', /open in systemd/],
  [{ holder: { pid: undefined, title: '' } }, 'wrong', /a process of another user/],
]

for (const [facts, level, message] of cases) {
  test(`an address: ${level}, ${message.source}`, () => {
    const found = checkAddress(
      { address: '127.0.0.1:80', holder: undefined, problem: undefined, ...facts },
      server,
    )
    assert.equal(found.level, level)
    assert.match(found.message, message)
  })
}

test('a loopback address in a container is told', () => {
  const found = (address: string, isContainer = true): number => checkReach([address], isContainer).length
  assert.deepEqual(
    ['127.0.0.1:80', 'localhost:80', '[::1]:80', '0.0.0.0:80', 'unix:/a'].map((each) => found(each)),
    [1, 1, 1, 0, 0],
  )
  assert.equal(found('127.0.0.1:80', false), 0)
})
