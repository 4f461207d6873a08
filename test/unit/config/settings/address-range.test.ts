import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRange, rangeProblem } from '../../../../src/config/settings/address-range.ts'

test('addresses, ranges, "unix" and "*" are entries', () => {
  assert.deepEqual(parseRange('*'), { kind: 'any' })
  assert.deepEqual(parseRange('unix'), { kind: 'unix' })
  const v4 = { kind: 'range', family: 'ipv4' }
  assert.deepEqual(parseRange('10.1.2.3'), { ...v4, address: '10.1.2.3', bits: 32 })
  assert.deepEqual(parseRange('10.0.0.0/8'), { ...v4, address: '10.0.0.0', bits: 8 })
  assert.deepEqual(parseRange('0.0.0.0/0'), { ...v4, address: '0.0.0.0', bits: 0 })
  const v6 = { kind: 'range', family: 'ipv6' }
  assert.deepEqual(parseRange('::1'), { ...v6, address: '::1', bits: 128 })
  assert.deepEqual(parseRange('2001:db8::/32'), { ...v6, address: '2001:db8::', bits: 32 })
  for (const entry of ['::/0', 'fe80::/10', '::ffff:10.0.0.0/104', '1:2:3:4:5:6:7:8', '10.0.0.128/25'])
    assert.equal(rangeProblem(entry), undefined, entry)
})

test('a range with bits after its prefix is refused, as in gunicorn', () => {
  for (const entry of [
    '10.0.0.1/8',
    '10.0.0.129/25',
    '2001:db8::1/32',
    'fe80::1/10',
    '::ffff:10.0.0.1/104',
    '::1/127',
  ])
    assert.match(rangeProblem(entry) ?? '', /has bits after the first \d+/, entry)
})

test('what is no address says what to write', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['localhost', /names are not resolved/],
    ['10.0.0.1:80', /without a port/],
    ['[::1]:80', /without a port/],
    ['10.0.0.1/33', /0 to 32/],
    ['::1/129', /0 to 128/],
    ['10.0.0.0/8/8', /not an IP address/],
    ['10.0.0', /not an IP address/],
    ['10.0.0.0/', /0 to 32/],
    ['fe80::1%eth0', /not an IP address/],
    ['unix:/run/app.sock', /write "unix"/],
    ['', /not an IP address/],
  ]
  for (const [entry, reason] of cases) assert.match(rangeProblem(entry) ?? '', reason, entry)
})
