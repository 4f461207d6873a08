import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockedAt } from '../../../../src/doctor/checks/access.ts'
import { checkCreation, checkPlace } from '../../../../src/doctor/checks/places.ts'
import { checkTemporary } from '../../../../src/doctor/checks/temporary.ts'
import { checkCode, checkRoot, checkSecrets, checkWorkerAccess } from '../../../../src/doctor/checks/users.ts'
import type { Place } from '../../../../src/doctor/facts/places.ts'
import type { PathFacts } from '../../../../src/doctor/facts/path-facts.ts'

const facts = (path: string, more: Partial<PathFacts> = {}): PathFacts => ({
  path,
  kind: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  writeError: undefined,
  ...more,
})

const missing = { kind: 'missing', writeError: 'ENOENT' } as const

interface Case {
  readonly what: Place['what']
  readonly path: Partial<PathFacts>
  readonly directory?: Partial<PathFacts>
  readonly says: RegExp | undefined
}

const cases: readonly Case[] = [
  { what: 'log', path: missing, says: undefined },
  { what: 'log', path: { kind: 'file' }, says: undefined },
  { what: 'log', path: { kind: 'fifo' }, says: undefined },
  { what: 'log', path: { kind: 'file', writeError: 'EACCES' }, says: /this user may not write to it/ },
  { what: 'log', path: { kind: 'directory' }, says: /is a directory/ },
  { what: 'log', path: missing, directory: missing, says: /there is no directory \/logs/ },
  { what: 'log', path: missing, directory: { kind: 'file' }, says: /\/logs is no directory/ },
  { what: 'log', path: missing, directory: { writeError: 'EACCES' }, says: /may not create files in \/logs/ },
  { what: 'log', path: { kind: 'file' }, directory: { writeError: 'EACCES' }, says: undefined },
  { what: 'log', path: missing, directory: { writeError: 'EROFS' }, says: /read-only/ },
  {
    what: 'pidfile',
    path: { kind: 'file' },
    directory: { writeError: 'EACCES' },
    says: /may not create files/,
  },
  { what: 'pidfile', path: { kind: 'directory' }, says: /is a directory/ },
  { what: 'socket', path: { kind: 'socket' }, says: undefined },
  { what: 'socket', path: { kind: 'file' }, says: /exists and is no socket/ },
  { what: 'socket', path: { kind: 'hidden' }, directory: { kind: 'hidden' }, says: /may not look into/ },
]

for (const { what, path, directory, says } of cases) {
  test(`a ${what} at ${JSON.stringify(path)} in ${JSON.stringify(directory ?? {})}`, () => {
    const place = { setting: 'x', what, path: facts('/logs/a', path), directory: facts('/logs', directory) }
    const found = [...checkPlace(place), ...checkCreation(place)]
    assert.equal(found.length, says === undefined ? 0 : 1, JSON.stringify(found))
    if (says !== undefined) assert.match(found[0]?.message ?? '', says)
  })
}

test('the first directory that stops a user is found', () => {
  const way = [facts('/'), facts('/root', { mode: 0o700 }), facts('/root/a', { kind: 'file', mode: 0o644 })]
  assert.equal(blockedAt(way, { uid: 1, gids: [1] }, 'read')?.path, '/root')
  assert.equal(blockedAt(way, { uid: 0, gids: [0] }, 'read'), undefined)
  const shared = [facts('/'), facts('/a', { kind: 'file', mode: 0o640, gid: 5 })]
  assert.equal(blockedAt(shared, { uid: 1, gids: [1] }, 'read')?.path, '/a')
  assert.equal(blockedAt(shared, { uid: 1, gids: [1, 5] }, 'read'), undefined)
  assert.equal(blockedAt(shared, { uid: 1, gids: [1, 5] }, 'write')?.path, '/a')
  // the owner has the rights of the owner, even if those of others are wider
  assert.equal(
    blockedAt([facts('/a', { kind: 'file', mode: 0o044, uid: 1 })], { uid: 1, gids: [] }, 'read')?.path,
    '/a',
  )
})

test('what the user of the workers cannot read is wrong, with the directory to change', () => {
  const way = [
    facts('/'),
    facts('/srv', { mode: 0o750 }),
    facts('/srv/app.js', { kind: 'file', mode: 0o644 }),
  ]
  const [found] = checkWorkerAccess([{ subject: 'app', way }], { uid: 9, gids: [9] }, 'shop')
  assert.match(found?.message ?? '', /\/srv\/app\.js: .*shop, may not enter \/srv \(mode 750\)/)
  assert.match(found?.remedy ?? '', /chmod o\+x \/srv/)
  const gone = [facts('/nix', missing)]
  assert.deepEqual(checkWorkerAccess([{ subject: 'app', way: gone }], { uid: 9, gids: [9] }, 'shop'), [])
})

test('secrets that all can read, code that all can write, and root are told', () => {
  const file = (mode: number): PathFacts[] => [facts('/a/.env', { kind: 'file', mode })]
  assert.deepEqual(
    [0o644, 0o640, 0o600].map((mode) => checkSecrets(file(mode)).length),
    [1, 0, 0],
  )
  assert.deepEqual(
    [0o666, 0o664].map((mode) => checkCode(file(mode)).length),
    [1, 0],
  )
  assert.deepEqual(
    [
      [true, false],
      [true, true],
      [false, false],
    ].map(([isRoot = false, hasUser = false]) => checkRoot({ isRoot, hasUser, isContainer: false }).length),
    [1, 0, 0],
  )
})

test('TMPDIR must be writable and have space', () => {
  const level = (problem: string | undefined, free?: number): string =>
    checkTemporary({ path: '/tmp', problem, free }).level
  assert.deepEqual(
    [level(undefined), level('EROFS'), level(undefined, 1000), level(undefined, 2 ** 30)],
    ['ok', 'wrong', 'wrong', 'ok'],
  )
})
