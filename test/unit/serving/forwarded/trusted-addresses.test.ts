import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TrustedAddresses } from '../../../../src/serving/forwarded/trusted-addresses.ts'

test('addresses and ranges of both families are found, also IPv4 in IPv6 form', () => {
  const trusted = new TrustedAddresses(['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'])
  for (const address of ['127.0.0.1', '10.255.0.1', '::ffff:10.0.0.1', '2001:db8:1::1'])
    assert.ok(trusted.has(address), address)
  for (const address of ['127.0.0.2', '11.0.0.1', '::1', '2001:db9::1', 'unknown', '', 'fe80::1%eth0'])
    assert.ok(!trusted.has(address), address)
})

test('"*" is every address, and an empty list not even a unix socket', () => {
  assert.ok(new TrustedAddresses(['*']).has('8.8.8.8'))
  assert.ok(new TrustedAddresses(['*']).hasPeer(undefined))
  assert.ok(new TrustedAddresses(['unix']).hasPeer(undefined))
  assert.ok(!new TrustedAddresses(['unix']).hasPeer('127.0.0.1'))
  assert.ok(new TrustedAddresses(['10.0.0.1']).hasPeer(undefined))
  assert.ok(!new TrustedAddresses([]).hasPeer(undefined))
})

test('verdicts are right also for more addresses than are kept', () => {
  const trusted = new TrustedAddresses(['10.0.0.0/8'])
  for (let round = 0; round < 2; round += 1)
    for (let number = 0; number < 3000; number += 1) {
      const end = `${number >> 8}.${number & 255}.1`
      assert.ok(trusted.has(`10.${end}`))
      assert.ok(!trusted.has(`11.${end}`))
    }
})
