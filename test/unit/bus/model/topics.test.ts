// Which topics there are, and which of them a subscription matches.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkPattern, checkTopic, hasWildcard, matcherOf } from '../../../../src/bus/model/topics.ts'

test('a subscription matches by segments: * is one of them, > one or more at the end', () => {
  const cases: readonly (readonly [pattern: string, topic: string, matches: boolean])[] = [
    ['orders.paid', 'orders.paid', true],
    ['orders.paid', 'orders', false],
    ['orders.*', 'orders.paid', true],
    ['orders.*', 'orders.paid.late', false],
    ['orders.*', 'orders', false],
    ['*.paid', 'orders.paid', true],
    ['*.paid', 'orders.open', false],
    ['*', 'orders', true],
    ['orders.>', 'orders.paid', true],
    ['orders.>', 'orders.paid.late', true],
    ['orders.>', 'orders', false],
    ['>', 'orders.paid.late', true],
    ['*.*.>', 'orders.paid', false],
    ['*.*.>', 'orders.paid.late', true],
    ['Orders', 'orders', false],
  ]
  for (const [pattern, topic, matches] of cases)
    assert.equal(matcherOf(pattern)(topic), matches, `${pattern} ${topic}`)
})

test('a topic has segments without white space or wildcards, and at most 255 bytes', () => {
  for (const topic of ['a', 'orders.paid', 'user.42', 'größe.ok', '$sys.x', 'x'.repeat(255)])
    checkTopic(topic)
  const wrong: readonly (readonly [topic: unknown, reason: RegExp])[] = [
    ['', /empty segment/],
    ['a..b', /empty segment/],
    ['.a', /empty segment/],
    ['a.', /empty segment/],
    ['a b', /white space/],
    ['a\nb', /white space/],
    ['a\u0000', /control character/],
    ['x'.repeat(256), /longer than 255 bytes/],
    ['ö'.repeat(128), /longer than 255 bytes/],
    ['a.*', /only a subscription/],
    ['>', /only a subscription/],
    [7, /a number is no topic: expected a string/],
    [undefined, /expected a string/],
  ]
  for (const [topic, reason] of wrong)
    assert.throws(() => checkTopic(topic as string), { name: 'TypeError', message: reason }, String(topic))
})

test('a wildcard of a subscription is a whole segment, and > is the last one', () => {
  for (const pattern of ['*', '>', 'a.*.b', 'a.>', 'a']) checkPattern(pattern)
  for (const pattern of ['a*', '*.b*', 'a.>b']) assert.throws(() => checkPattern(pattern), /a whole segment/)
  for (const pattern of ['>.a', 'a.>.b'])
    assert.throws(() => checkPattern(pattern), /only possible at the end/)
  assert.deepEqual(['a.*', 'a.>', 'a'].map(hasWildcard), [true, true, false])
})
