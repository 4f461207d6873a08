// Flags of Node.js for a process with another working directory.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { absoluteFlags, absoluteNodeOptions, parseFlags } from '../../../../src/os/process/node-flags.ts'

const move = { from: '/srv', to: '/srv/site' }

test('a word without a dash is the value of the flag before it', () => {
  const parsed = parseFlags([
    '-r',
    './a.cjs',
    '--import=./b.mjs',
    '--max_old_space_size=1',
    '--inspect',
    'x',
    'y',
  ])
  assert.deepEqual(
    parsed.map(({ name, value }) => [name, value]),
    [
      ['-r', './a.cjs'],
      ['--import', './b.mjs'],
      ['--max-old-space-size', '1'],
      ['--inspect', 'x'],
      ['y', undefined],
    ],
  )
})

test('relative paths become absolute as Node resolves them; files of variables are left out', () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [
      ['--require', './a.cjs'],
      ['--require', '/srv/a.cjs'],
    ],
    [
      ['-r', '../a.cjs'],
      ['-r', '/a.cjs'],
    ],
    [['--require=/x/a.cjs'], ['--require=/x/a.cjs']],
    [['--import=./a b.mjs'], ['--import=file:///srv/a%20b.mjs']],
    [
      ['--import', './a%20b.mjs'],
      ['--import', 'file:///srv/a%20b.mjs'],
    ],
    [
      ['--import', 'data:text/javascript,1'],
      ['--import', 'data:text/javascript,1'],
    ],
    [
      ['--import', 'tsx'],
      ['--import', 'tsx'],
    ],
    [
      ['--experimental_loader', './l.mjs'],
      ['--experimental-loader', 'file:///srv/l.mjs'],
    ],
    [['--cpu-prof-dir=profiles'], ['--cpu-prof-dir=/srv/profiles']],
    [['--env-file=.env', '--env-file-if-exists', 'x', '--harmony'], ['--harmony']],
    [
      ['--max-old-space-size=512', '--conditions', 'a'],
      ['--max-old-space-size=512', '--conditions', 'a'],
    ],
  ]
  for (const [words, expected] of cases) assert.deepEqual(absoluteFlags(words, move), expected)
})

test('NODE_OPTIONS keeps its quotes, and its text when nothing changes', () => {
  assert.equal(absoluteNodeOptions('--no-warnings  --harmony', move), '--no-warnings  --harmony')
  assert.equal(absoluteNodeOptions('--require ./a.cjs --harmony', move), '--require /srv/a.cjs --harmony')
  assert.equal(
    absoluteNodeOptions(String.raw`--require "./a \"b\" c.cjs"`, move),
    String.raw`--require "/srv/a \"b\" c.cjs"`,
  )
  assert.equal(absoluteNodeOptions('', move), '')
})

test('a package is found from where the flag was written', (t) => {
  const from = realpathSync(mkdtempSync(join(tmpdir(), 'tsgun-flags-')))
  t.after(() => rmSync(from, { recursive: true }))
  mkdirSync(join(from, 'node_modules/pkg'), { recursive: true })
  const file = join(from, 'node_modules/pkg/index.js')
  writeFileSync(file, '')
  assert.deepEqual(absoluteFlags(['-r', 'pkg', '-r', 'node:fs'], { from, to: from }), [
    '-r',
    file,
    '-r',
    'node:fs',
  ])
  assert.deepEqual(absoluteFlags(['-r', 'no-such-package'], { from, to: '/' }), ['-r', 'no-such-package'])
  assert.deepEqual(absoluteFlags(['--import', 'pkg'], { from, to: from }), ['--import', 'pkg'])
  assert.deepEqual(absoluteFlags(['--import', 'pkg'], { from, to: '/' }), ['--import', `file://${file}`])
})
