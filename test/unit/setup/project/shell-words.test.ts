import assert from 'node:assert/strict'
import { test } from 'node:test'
import { simpleCommands } from '../../../../src/setup/project/shell-words.ts'

const cases: readonly (readonly [text: string, words: readonly string[][], env?: Record<string, string>])[] =
  [
    ['node app.js', [['node', 'app.js']]],
    ['tsc && node dist', [['tsc'], ['node', 'dist']]],
    ['a;b|c & d || e', [['a'], ['b'], ['c'], ['d'], ['e']]],
    [`node "my app.js" 'x y' a\\ b`, [['node', 'my app.js', 'x y', 'a b']]],
    ['node app.js > out.log 2>&1', [['node', 'app.js']]],
    ['node app.js >> out.log 2> err.log', [['node', 'app.js']]],
    [`A=1 B='x y' node app.js C=2`, [['node', 'app.js', 'C=2']], { A: '1', B: 'x y' }],
    ['node "--title=a;b" app.js', [['node', '--title=a;b', 'app.js']]],
    ['', []],
    ['A=1', [[]], { A: '1' }],
    [`node 'unclosed`, [['node', 'unclosed']]],
  ]

for (const [text, words, env = {}] of cases) {
  test(`splits ${JSON.stringify(text)} as a shell does`, () => {
    const found = simpleCommands(text)
    assert.deepEqual(
      found.map((command) => command.words),
      words,
    )
    assert.deepEqual(found[0]?.env ?? {}, env)
  })
}
