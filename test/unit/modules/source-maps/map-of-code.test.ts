// Where the map of code is found, and to which files it leads.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { mapOfCode, readUnchanged } from '../../../../src/modules/source-maps/map-of-code.ts'

const map = { version: 3, sources: ['../src/app.ts'], names: [], mappings: 'AAEE' }
const dataUrl = (encoded: string): string => `x()\n//# sourceMappingURL=data:application/json;${encoded}\n`
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64')

interface Case {
  readonly what: string
  readonly code: string
  readonly path?: string
  readonly files?: Readonly<Record<string, string>>
  readonly at?: readonly [number, number]
  readonly expected: string | undefined
}

function inFile(changes: Readonly<Record<string, unknown>>): Pick<Case, 'code' | 'files'> {
  return {
    code: 'x()\n//# sourceMappingURL=app.js.map',
    files: { '/srv/dist/app.js.map': JSON.stringify({ ...map, ...changes }) },
  }
}

const cases: readonly Case[] = [
  { what: 'a file beside the code', ...inFile({}), expected: '/srv/src/app.ts:3:3' },
  {
    what: 'a sourceRoot',
    ...inFile({ sourceRoot: '/code', sources: ['app.ts'] }),
    expected: '/code/app.ts:3:3',
  },
  {
    what: 'a name with a space',
    ...inFile({ sources: ['my%20app.ts'] }),
    expected: '/srv/dist/my app.ts:3:3',
  },
  {
    what: 'a source of webpack',
    ...inFile({ sources: ['webpack://shop/./src/app.ts'] }),
    expected: 'webpack://shop/src/app.ts:3:3',
  },
  {
    what: 'a comment in base64',
    code: dataUrl(`charset=utf-8;base64,${base64(map)}`),
    expected: '/srv/src/app.ts:3:3',
  },
  {
    what: 'an escaped comment',
    code: dataUrl(`charset=utf-8,${encodeURIComponent(JSON.stringify(map))}`),
    expected: '/srv/src/app.ts:3:3',
  },
  {
    what: 'the last of two comments',
    code: `const text = "//# sourceMappingURL=other.map"\n${dataUrl(`base64,${base64(map)}`)}`,
    expected: '/srv/src/app.ts:3:3',
  },
  {
    what: 'sections',
    ...inFile({
      mappings: undefined,
      sections: [
        { offset: { line: 0, column: 0 }, map: { ...map, sources: ['a.ts'] } },
        { offset: { line: 2, column: 4 }, map: { ...map, sources: ['b.ts'] } },
      ],
    }),
    at: [2, 4],
    expected: '/srv/dist/b.ts:3:3',
  },
  { what: 'code without a map', code: 'x()', expected: undefined },
  { what: 'a map that is missing', code: 'x()\n//# sourceMappingURL=no.js.map', expected: undefined },
  { what: 'a map on the web', code: 'x()\n//# sourceMappingURL=https://cdn/app.js.map', expected: undefined },
  {
    what: 'a broken map',
    code: 'x()\n//# sourceMappingURL=app.js.map',
    files: { '/srv/dist/app.js.map': '{' },
    expected: undefined,
  },
  { what: 'a map of another form', ...inFile({ mappings: 1 }), expected: undefined },
  { what: 'a package', ...inFile({}), path: '/srv/node_modules/x/dist/app.js', expected: undefined },
]

for (const {
  what,
  code,
  path = '/srv/dist/app.js',
  files = {},
  at: [line, column] = [0, 0],
  expected,
} of cases)
  test(`the map of ${what}: ${expected ?? 'none'}`, () => {
    const found = mapOfCode(path, code, (file) => files[file])?.(line, column)
    assert.equal(found && `${found.file}:${found.line + 1}:${found.column + 1}`, expected)
  })

test('a file that was written since the process started is not used, whatever its time of change says', async (t) => {
  assert.ok(readUnchanged(join(import.meta.dirname, '../../../../package.json')))
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-maps-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'app.js.map')
  writeFileSync(file, '{}')
  utimesSync(file, 0, 0)
  assert.equal(readUnchanged(file), undefined)
})
