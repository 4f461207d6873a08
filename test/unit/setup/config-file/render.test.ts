import assert from 'node:assert/strict'
import { test } from 'node:test'
import { literal } from '../../../../src/setup/config-file/draft.ts'
import { renderConfig } from '../../../../src/setup/config-file/render.ts'

test('a value is printed as a literal that reads as the same value', () => {
  const texts = [`it's`, 'a "b"', 'back\\slash', 'line\nend', '\u2028', '${x}', '']
  const values = [texts, 1, true, null, { a: 1, 'b-c': ['x', 2], _d: { e: null }, f: [], g: {} }]
  for (const value of values)
    assert.deepEqual(new Function(`return (${literal(value)})`)(), value, literal(value))
})

test('settings stand together, and one with a comment has a blank line above it', () => {
  const long = literal(
    Object.fromEntries(Array.from({ length: 8 }, (_, nr) => [`NAME_${nr}`, `value, ${nr}`])),
  )
  const text = renderConfig({
    head: ['Top.'],
    parts: [
      { name: 'app', code: `'./a.js'` },
      { name: 'workers', code: '2' },
      { name: 'bind', code: `':1'`, comment: ['Where.', '  as it is'] },
      { name: 'timeout', code: '9', off: true },
      { name: 'env', code: long },
      { comment: ['Left out.'] },
    ],
  })
  assert.equal(
    text,
    `// Top.
import { defineConfig } from 'tsgun'

export default defineConfig({
  app: './a.js',
  workers: 2,

  // Where.
  //   as it is
  bind: ':1',

  // timeout: 9,

  env: {
${Array.from({ length: 8 }, (_, nr) => `    NAME_${nr}: 'value, ${nr}',`).join('\n')}
  },

  // Left out.
})
`,
  )
})

test('comments are wrapped at 100 columns', () => {
  const text = renderConfig({ head: [], parts: [{ comment: ['word '.repeat(60).trim()] }] })
  assert.ok(text.split('\n').every((line) => line.length <= 100))
  assert.equal(text.match(/word/g)?.length, 60)
})
