import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseForwarded } from '../../../../src/serving/forwarded/rfc7239.ts'

const parsed = (text: string): unknown => parseForwarded(text)?.map((element) => Object.fromEntries(element))

test('the examples of RFC 7239 are parsed', () => {
  assert.deepEqual(parsed('for="_gazonk"'), [{ for: '_gazonk' }])
  assert.deepEqual(parsed('For="[2001:db8:cafe::17]:4711"'), [{ for: '[2001:db8:cafe::17]:4711' }])
  assert.deepEqual(parsed('for=192.0.2.60;proto=http;by=203.0.113.43'), [
    { for: '192.0.2.60', proto: 'http', by: '203.0.113.43' },
  ])
  assert.deepEqual(parsed('for=192.0.2.43, for="[2001:db8:cafe::17]", for=unknown'), [
    { for: '192.0.2.43' },
    { for: '[2001:db8:cafe::17]' },
    { for: 'unknown' },
  ])
})

test('separators in quotes, escapes, empty parts and spaces are parsed', () => {
  assert.deepEqual(parsed('for="a,b;c=\\"d\\\\"'), [{ for: 'a,b;c="d\\' }])
  assert.deepEqual(parsed(' , for=a ;; host=b , ,'), [{ for: 'a', host: 'b' }])
  assert.deepEqual(parsed(''), [])
  assert.deepEqual(parsed('for=10.0.0.1:80;host=a:8000'), [{ for: '10.0.0.1:80', host: 'a:8000' }])
})

test('what is not valid is not parsed in part', () => {
  for (const text of [
    'for="open, for=1.2.3.4',
    'for',
    'for=',
    'for=a b',
    'for="a"b',
    'for=a;for=b',
    '=a',
    'for=a"',
  ])
    assert.equal(parsed(text), undefined, text)
})

test('long values take a time that grows with their length only', () => {
  const begin = performance.now()
  for (const text of [',', ' ', '"', '\\', 'a=";', 'for=a,'].map((part) => part.repeat(16_384 / part.length)))
    parsed(text)
  assert.ok(performance.now() - begin < 1000)
})
