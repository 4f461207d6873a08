// Addresses with `{nr}`: what they stand for, and what is refused.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseAddress } from '../../../src/listen/address.ts'
import { bindPlaces, bindProblem, isOneOf, isPerSlot } from '../../../src/listen/slots.ts'

const unix = (path: string): ReturnType<typeof parseAddress> => ({ kind: 'unix', path })

test('an address with {nr} is one for each slot, in its place among the others', () => {
  const addresses = ['127.0.0.1:80', 'unix:/run/{nr}/app.{nr}.sock', 'unix:/run/app.sock'].map(parseAddress)
  assert.deepEqual(addresses.map(isPerSlot), [false, true, false])
  assert.deepEqual(bindPlaces(addresses, 2), [
    { address: { kind: 'tcp', host: '127.0.0.1', port: 80 }, slot: undefined },
    { address: unix('/run/0/app.0.sock'), slot: 0 },
    { address: unix('/run/1/app.1.sock'), slot: 1 },
    { address: unix('/run/app.sock'), slot: undefined },
  ])
  assert.deepEqual(bindPlaces([unix('/a.{nr}')], 0), [])
})

test('only {nr} is a placeholder, and only in the path of a unix socket', () => {
  for (const right of ['unix:/run/app.{nr}.sock', 'unix:{nr}', 'unix:/{nr}/{nr}', ':80', 'fd://web'])
    assert.equal(bindProblem(right), undefined, right)
  assert.match(bindProblem('unix:/run/app.{NR}.sock') ?? '', /^unknown placeholder "\{NR\}"/)
  assert.match(bindProblem('unix:/run/{nr}.{}') ?? '', /^unknown placeholder "\{\}"/)
  for (const wrong of ['127.0.0.1:80{nr}', '/run/{nr}.sock', 'fd://{nr}'])
    assert.match(bindProblem(wrong) ?? '', /^"\{nr\}" is only for the path of a unix socket/, wrong)
  assert.equal(bindProblem('8000'), 'for the port write ":8000"')
})

test('the path is short enough for a thousand workers', () => {
  assert.equal(bindProblem(`unix:/${'x'.repeat(103)}{nr}`), undefined)
  assert.match(bindProblem(`unix:/${'x'.repeat(104)}{nr}`) ?? '', /at most 107 bytes/)
})

test('the address of a slot is known as one of those that {nr} stands for', () => {
  const perSlot = unix('/run/a+b.{nr}.{nr}')
  for (const path of ['/run/a+b.0.0', '/run/a+b.12.12'])
    assert.equal(isOneOf(unix(path), perSlot), true, path)
  for (const path of ['/run/a+b.0.1', '/run/aab.0.0', '/run/a+b.x.x', '/run/a+b.01.01', '/run/a+b.0.0.sock'])
    assert.equal(isOneOf(unix(path), perSlot), false, path)
  assert.equal(isOneOf(perSlot, perSlot), false)
  assert.equal(isOneOf(parseAddress(':80'), perSlot), false)
})
