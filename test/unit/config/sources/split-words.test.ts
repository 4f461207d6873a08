// TSGUN_CMD_ARGS is split into words as a shell does it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords } from '../../../../src/config/sources/split-words.ts'

const split: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['  \t\n ', []],
  ['a', ['a']],
  ['  a  b\n c ', ['a', 'b', 'c']],
  [`'a b' "c d"`, ['a b', 'c d']],
  [`--name="two words" -e 'A=$HOME'`, ['--name=two words', '-e', 'A=$HOME']],
  [String.raw`a\ b \"c\" "d\"e" 'f\g' "h\i"`, ['a b', '"c"', 'd"e', String.raw`f\g`, String.raw`h\i`]],
  [`'' "" a''b`, ['', '', 'ab']],
]
for (const [text, words] of split) {
  test(`${JSON.stringify(text)} is split into ${words.length} words`, () =>
    assert.deepEqual(splitWords(text), words))
}

for (const text of [`'a`, `a "b`, `a 'b" c`, 'a \\']) {
  test(`${JSON.stringify(text)} has an unclosed quote`, () =>
    assert.throws(() => splitWords(text), RangeError))
}
