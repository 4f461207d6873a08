import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findByName, namesOf, tableByName } from '../../../src/tls/names.ts'

const names: readonly (readonly [string, string | undefined, readonly string[]])[] = [
  ['CN=ignored', 'DNS:A.example, DNS:*.b.example, IP Address:127.0.0.1', ['a.example', '*.b.example']],
  ['CN=ignored', 'DNS:a.example., DNS:a.example', ['a.example']],
  ['CN=only.example', undefined, ['only.example']],
  ['C=DE\nO=x\nCN=only.example', 'IP Address:127.0.0.1', ['only.example']],
  ['O=x', undefined, []],
  ['CN=two words', undefined, []],
  // Node quotes what could be mistaken for several names (CVE-2021-44532).
  ['CN=x', String.raw`DNS:"evil.example\u002c DNS:bank.example", DNS:good.example`, ['good.example']],
]
for (const [subject, subjectAltName, expected] of names)
  test(`the names of ${subjectAltName ?? subject}`, () =>
    assert.deepEqual(namesOf({ subject, subjectAltName }), expected))

test('a name is found by itself, then by its wildcard, which stands for one label', () => {
  const table = tableByName([
    { names: ['a.example', '*.example'], value: 1 },
    { names: ['*.a.example', 'a.example', 'b.example'], value: 2 },
  ])
  const found = (name: string): number | undefined => findByName(table, name)
  assert.deepEqual(
    ['a.example', 'A.EXAMPLE.', 'b.example', 'c.example', 'x.a.example'].map(found),
    [1, 1, 2, 1, 2],
  )
  assert.deepEqual(['x.y.a.example', 'example', '', '.', '.example', 'x'].map(found), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
