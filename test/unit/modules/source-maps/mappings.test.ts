// Positions of real maps: the same as those that Node's SourceMap finds, with marks and without.

import assert from 'node:assert/strict'
import { SourceMap, type SourceMapPayload } from 'node:module'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { buildSync } from 'esbuild'
import { Mappings } from '../../../../src/modules/source-maps/mappings.ts'

const repository = resolve(import.meta.dirname, '../../../..')

function bundle(entry: string, minify: boolean): { readonly code: string; readonly map: SourceMapPayload } {
  const { outputFiles } = buildSync({
    entryPoints: [resolve(repository, entry)],
    bundle: true,
    platform: 'node',
    external: ['*.node', 'koffi', 'esbuild'],
    sourcemap: true,
    minify,
    write: false,
    outfile: resolve(repository, 'bundle.js'),
    logLevel: 'silent',
  })
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? ''
  return { code: textOf('.js'), map: JSON.parse(textOf('.map')) as SourceMapPayload }
}

for (const minify of [false, true])
  test(`each position of a ${minify ? 'minified ' : ''}bundle has the source that Node finds`, () => {
    const { code, map } = bundle('node_modules/express/index.js', minify)
    assert.ok(map.mappings.length > 100_000, 'several marks')
    const [ours, theirs] = [new Mappings(map.mappings), new SourceMap(map)]
    for (const [line, text] of code.split('\n').entries())
      for (let column = line % 7; column < text.length; column += minify ? 97 : 23) {
        const entry = theirs.findEntry(line, column)
        const expected = 'originalLine' in entry ? entry : undefined
        const found = ours.find(line, column)
        assert.deepEqual(
          found && [map.sources[found.source], found.line, found.column],
          expected && [expected.originalSource, expected.originalLine, expected.originalColumn],
          `${line}:${column}`,
        )
      }
  })

test('a position before all segments, code without a source, and broken text have none', () => {
  assert.equal(new Mappings('').find(3, 3), undefined)
  assert.equal(new Mappings(';;EAAA').find(2, 1), undefined)
  assert.deepEqual(new Mappings(';;EAAA').find(2, 2), { source: 0, line: 0, column: 0 })
  assert.equal(new Mappings('AAAA,E').find(0, 5), undefined, 'generated code')
  assert.doesNotThrow(() => new Mappings('%%%;é,,ggggggg').find(0, 5))
})

test('negative differences and numbers of several digits are read', () => {
  const text = readFileSync(import.meta.filename, 'utf8')
  assert.ok(text.length > 0)
  // column 16 of line 0: source 1, line 1000, column 0; then back to source 0, line 0
  const mappings = new Mappings('gBCw+BA,EDx+BA')
  assert.deepEqual(mappings.find(0, 16), { source: 1, line: 1000, column: 0 })
  assert.deepEqual(mappings.find(0, 99), { source: 0, line: 0, column: 0 })
})
