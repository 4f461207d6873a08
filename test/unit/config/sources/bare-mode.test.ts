// A mask or mode that is a number where a number is decimal: the digits that were meant.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { defaultLoaders } from 'cosmiconfig'
import { octalLiterals } from '../../../../src/config/sources/bare-mode.ts'
import { resolveSettings } from '../../../../src/config/sources/resolve.ts'

function said(format: 'json' | 'yaml', text: string): string {
  const value: unknown = defaultLoaders[`.${format}`]('f', text)
  const given = format === 'yaml' ? octalLiterals(`umask: ${text}\n`) : {}
  const [problem] = resolveSettings([{ where: 'f', values: { umask: value }, given, format }], {}).problems
  return problem?.message.replace(/^expected octal digits as text, because a number is /, '') ?? ''
}

test('the digits of a number with a leading zero are those that were meant, in each notation of YAML', () => {
  for (const [text, digits] of Object.entries({
    '022': '022',
    '0022': '022',
    '0640': '640',
    '0o640': '640',
    '0o022': '022',
    '0o27': '027',
    '0': '000',
  }))
    assert.equal(said('yaml', text), `decimal in YAML; got ${text}; write "${digits}" in quotes`)
})

test('a number without a zero is its digits if they are a mode, else its value', () => {
  const expected = {
    22: '022',
    640: '640',
    755: '755',
    2: '002',
    416: '640', // as JSON has to write 0640
    384: '600',
    420: '644',
    493: '755',
    18: '022',
    63: '077',
  }
  for (const [text, digits] of Object.entries(expected))
    assert.equal(said('json', text), `decimal in JSON; got ${text}; write "${digits}" in quotes`)
  assert.equal(said('json', '99999'), 'decimal in JSON; got 99999; write text such as "022"')
  assert.equal(said('json', '-1'), 'decimal in JSON; got -1; write text such as "022"')
})

test('only numbers at the top of the file are looked up, with a comment or without', () => {
  const yaml = 'a: 022 # mask\r\n"b": 0o640\nc: "022"\nd: 22\ne:\n  f: 022\ng: 022x\n'
  assert.deepEqual(octalLiterals(yaml), { a: '022', b: '0o640' })
})
