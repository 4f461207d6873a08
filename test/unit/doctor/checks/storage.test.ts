import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStorage } from '../../../../src/doctor/checks/storage.ts'
import type { PathFacts } from '../../../../src/doctor/facts/path-facts.ts'

const directory = (path: string, changes: Partial<PathFacts> = {}): PathFacts => ({
  path,
  kind: 'directory',
  mode: 0o700,
  uid: 0,
  gid: 0,
  writeError: undefined,
  ...changes,
})
const missing = (path: string): PathFacts => directory(path, { kind: 'missing', writeError: 'ENOENT' })

const rows: readonly (readonly [string, readonly PathFacts[], string | undefined])[] = [
  ['one that is there', [directory('/'), directory('/s')], undefined],
  ['one that can be made', [directory('/'), missing('/s'), missing('/s/t')], undefined],
  ['a file', [directory('/'), directory('/s', { kind: 'file' })], 'wrong: storage /s: /s is no directory'],
  [
    'one of another user',
    [directory('/'), directory('/s', { writeError: 'EACCES' })],
    'wrong: storage /s: this user may not write to /s',
  ],
  [
    'one in a directory of another user',
    [directory('/', { writeError: 'EACCES' }), missing('/s')],
    'wrong: storage /s: this user may not write to /',
  ],
  [
    'one that is hidden',
    [directory('/'), directory('/s', { kind: 'hidden' })],
    'wrong: storage /s: this user may not enter /s',
  ],
  [
    'a read-only file system',
    [directory('/', { writeError: 'EROFS' }), missing('/s')],
    'wrong: storage /s: the file system of / is read-only',
  ],
  [
    'one that others may write to',
    [directory('/'), directory('/s', { mode: 0o777 })],
    'warning: storage /s: other users may put files there',
  ],
]
for (const [name, way, expected] of rows)
  test(`storage of acme: ${name}`, () => {
    const [found] = checkStorage(way)
    assert.equal(found && `${found.level}: ${found.message}`, expected)
  })
