// The files of `env_file`: what they set, and what is wrong with them.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { readEnvironmentFiles, type EnvironmentFiles } from '../../../../src/config/sources/env-files.ts'

/** Reads files with these texts; paths in the result begin with the number of the file. */
function read(t: TestContext, ...texts: readonly string[]): EnvironmentFiles {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-env-files-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const files = texts.map((text, nr) => {
    writeFileSync(join(directory, String(nr)), text)
    return join(directory, String(nr))
  })
  const { variables, problems, warnings } = readEnvironmentFiles(files)
  const short = (text: string): string => text.replaceAll(`${directory}/`, '')
  return { variables, problems: problems.map(short), warnings: warnings.map(short) }
}

test('comments, quotes, several lines, export, a byte order mark and line ends of Windows', (t) => {
  const text = [
    '\uFEFF# comment',
    'FIRST=1',
    'SPACED = a b  # comment',
    'QUOTED="a # b"',
    `SINGLE='$HOME \\n'`,
    'DOUBLE="two\\nlines"',
    'KEY="-----BEGIN KEY-----',
    'abc=',
    '-----END KEY-----" # the key',
    'BACK=`it\'s "so"`',
    'export EXPORTED=yes',
    'EMPTY=',
    'EQUALS=postgres://u:p@h/db?a=b',
    '',
  ].join('\r\n')
  assert.deepEqual(read(t, text), {
    variables: {
      FIRST: '1',
      SPACED: 'a b',
      QUOTED: 'a # b',
      SINGLE: '$HOME \\n',
      DOUBLE: 'two\nlines',
      KEY: '-----BEGIN KEY-----\nabc=\n-----END KEY-----',
      BACK: 'it\'s "so"',
      EXPORTED: 'yes',
      EMPTY: '',
      EQUALS: 'postgres://u:p@h/db?a=b',
    },
    problems: [],
    warnings: [],
  })
})

test('of several files the later one wins', (t) => {
  assert.deepEqual(read(t, 'A=1\nB=1\n', 'B=2\nC=2\n').variables, { A: '1', B: '2', C: '2' })
  assert.deepEqual(readEnvironmentFiles([]), { variables: {}, problems: [], warnings: [] })
})

test('lines that Node skips are named by their number, without their text', (t) => {
  const { warnings, problems } = read(t, "A=1\nsecret: yaml\n\nlonely\nB=\"x\" secret\nC='it''s'\n")
  assert.deepEqual(problems, [])
  assert.deepEqual(warnings, [
    'env_file: 0:2: this line is ignored, because it is not NAME=value',
    'env_file: 0:4: this line is ignored, because it is not NAME=value',
    'env_file: 0:5: what follows the closing " is ignored',
    "env_file: 0:6: what follows the closing ' is ignored",
  ])
})

test('a file that cannot be used is a problem: missing, a directory, an open quote, NUL', (t) => {
  assert.deepEqual(readEnvironmentFiles(['/no/such/.env']).problems, ['there is no file /no/such/.env'])
  assert.deepEqual(readEnvironmentFiles(['/']).problems, ['/ is a directory'])
  assert.deepEqual(read(t, 'A=1\nB="open\nC=3\n').problems, [
    '0:2: the quote that opens here is never closed',
  ])
  assert.deepEqual(read(t, 'A=1\nB="a\0b"\n').problems, ['0: the value of B contains NUL'])
})
