// The mutation points of source texts, and the mutants that they make.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mutate, mutationPoints } from './points.ts'

/** Each source text with all its mutants. */
const cases: Readonly<Record<string, readonly string[]>> = {
  'a < b': ['a <= b', 'a >= b'],
  'a === b': ['a !== b'],
  'a - b * c': ['a + b * c', 'a - b / c'],
  'a += b': ['a -= b'],
  'a ??= b': ['a = b'],
  'a && b': ['a || b'],
  'x = a ?? b': ['x = a && b'],
  'a && b && c': ['(a || b) && c', '(a && b) || c'],
  'a || (b ?? c)': ['a && (b ?? c)', 'a || (b && c)'],
  '!a': ['a'],
  '-a': ['a'],
  'a++': ['a--'],
  '--a': ['++a'],
  'x = true': ['x = false'],
  'x = 0': ['x = 1'],
  'x = 5': ['x = 6', 'x = 4'],
  'x = 30_000': ['x = 60000', 'x = 15000'],
  'x = 0xff': ['x = 256', 'x = 254'],
  'x = 0o640': ['x = 417', 'x = 415'],
  'Math.min(a, b)': [';', 'Math.max(a, b)'],
  'await call()': [';'],
  'if (a) call()': ['if (a) ;'],
  'x = a ? b : c': ['x = a ? c : b'],
  'x = a === b ? c : d': ['x = a !== b ? c : d'],
  'const f = (): boolean => g()': ['const f = (): boolean => !(g())'],
  'const f = () => a in b': ['const f = () => !(a in b)'],
  'function f(): a is b { return g() }': ['function f(): a is b { return !(g()) }'],
}

/** Source texts without a mutant. */
const unchanged: Readonly<Record<string, string>> = {
  'a type': 'type A = 1 | true; interface B { c: 2 }; let d: 3',
  'an import or an export': "import { a } from 'b'; export { c } from 'd'",
  'a comment': '// a && b',
  'a string': "x = '1 < 2'",
  'the text of a message': 'x = `${a === 1 ? b : c} of` + (d || e)',
  'a numeric property name': 'x = { 1: a }',
  'a real signal': 'x = process.kill(-pid, 0)',
  'a call of super': 'class A extends B { constructor() { super() } }',
  'a returned value that is not a condition': 'const f = (): string => g()',
}

for (const [text, mutants] of Object.entries(cases)) {
  test(`the mutants of \`${text}\` are ${mutants.map((mutant) => `\`${mutant}\``).join(', ')}`, () => {
    assert.deepEqual(mutantsOf(text), mutants)
  })
}

for (const [what, text] of Object.entries(unchanged)) {
  test(`${what} has no mutation point`, () => {
    assert.deepEqual(mutantsOf(text), [])
  })
}

test('a point has the file and the line where the replaced text starts', () => {
  const [point] = mutationPoints('src/a.ts', '// first line\nx = a <\n  b\n')
  assert.ok(point)
  assert.deepEqual([point.file, point.line], ['src/a.ts', 2])
})

function mutantsOf(text: string): readonly string[] {
  return mutationPoints('src/a.ts', text).flatMap((point) =>
    point.replacements.map((replacement) => mutate(text, point, replacement)),
  )
}
