// Which files are watched: those that were loaded or not found, and those of a glob.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extraFiles } from '../../../src/watch/extra-files.ts'
import { ignoring } from '../../../src/watch/ignored.ts'
import { WatchedFiles } from '../../../src/watch/watched-files.ts'

const noLogs = { accesslog: null, errorlog: '-', applog: '-', pidfile: null }

function watchedFiles(patterns: readonly string[] = []): WatchedFiles {
  const files = new WatchedFiles('/srv', extraFiles([], '/srv'), () => false)
  files.begin(extraFiles(patterns, '/srv'), ignoring(noLogs, '/srv'))
  return files
}

test('a loaded file is watched, other files in its directory are not', () => {
  const files = watchedFiles()
  assert.deepEqual(files.add('/srv/lib/deep/a.ts', 1), [
    '/srv',
    '/srv/lib',
    '/srv/lib/deep',
    '/srv/lib/deep/a.ts',
  ])
  assert.deepEqual(files.add('/srv/lib/b.ts', 1), ['/srv/lib/b.ts'], 'its directories are watched already')
  assert.deepEqual(
    files.add('/elsewhere/c.ts', 1),
    ['/elsewhere', '/elsewhere/c.ts'],
    'not all up to the root',
  )
  assert.deepEqual(
    ['/srv/lib/deep/a.ts', '/srv/lib/b.ts', '/elsewhere/c.ts', '/srv/lib/d.ts'].map((file) =>
      files.includes(file),
    ),
    [true, true, true, false],
  )
  assert.deepEqual(
    ['/srv/lib', '/srv/lib/deep', '/srv/other'].map((directory) => files.mayContain(directory)),
    [true, true, false],
  )
})

test('a file that an import did not find is watched under each name that it may have', () => {
  const files = watchedFiles()
  files.add('/srv/lib/later', null)
  files.add('/srv/lib/written.js', null)
  for (const file of ['later', 'later.ts', 'later/index.ts', 'written.js', 'written.ts'])
    assert.equal(files.includes(`/srv/lib/${file}`), true, file)
  assert.equal(files.mayContain('/srv/lib/later'), true)
  for (const file of ['lat.ts', 'later/other.ts', '.later.ts.swp'])
    assert.equal(files.includes(`/srv/lib/${file}`), false, file)
})

test('the files of the previous generation are watched, older ones are not', () => {
  const files = watchedFiles()
  files.add('/srv/a.ts', 1)
  const next = (): void => void files.begin(extraFiles([], '/srv'), () => false)
  next()
  assert.equal(files.includes('/srv/a.ts'), true)
  next()
  assert.equal(files.includes('/srv/a.ts'), false)
})

test('after a failed load the files stay watched, and get new times', () => {
  const files = watchedFiles()
  files.add('/srv/a.ts', 1)
  files.tryAgain()
  files.tryAgain()
  files.add('/srv/a.ts', 2)
  assert.equal(files.stampOf('/srv/a.ts'), 2)
})

test('a file that was removed and created again has changed', () => {
  const files = watchedFiles()
  files.add('/srv/a.ts', 1)
  files.forget('/srv/a.ts')
  assert.equal(files.stampOf('/srv/a.ts'), null)
  assert.equal(files.includes('/srv/a.ts'), true)
})

test('a glob matches files below its base, but not those of packages, tools and editors', () => {
  const files = watchedFiles(['views/**/*', '.env'])
  for (const file of ['views/a.html', 'views/deep/b.html', 'views/.hidden', '.env'])
    assert.equal(files.includes(`/srv/${file}`), true, file)
  const not = [
    '4913',
    '.a.html.swp',
    'a.html~',
    '.#a.html',
    '#a.html#',
    'a.html.tmp',
    'node_modules/a.html',
    '.git/HEAD',
  ]
  for (const file of not) assert.equal(files.includes(`/srv/views/${file}`), false, file)
  assert.equal(files.includes('/srv/other/a.html'), false)
  assert.equal(files.mayContain('/srv/views/deep'), true)
  assert.equal(files.mayContain('/srv/views/node_modules'), false)
})

test('logs, the pidfile and other files that the server writes are ignored', () => {
  const settings = {
    ...noLogs,
    accesslog: 'logs/access.log',
    errorlog: { path: 'error.log' },
    pidfile: 'server.pid',
  }
  const isIgnored = ignoring(settings as unknown as Parameters<typeof ignoring>[0], '/srv', [
    '/srv/tmp/tsgun-7-',
  ]) // only the path counts
  for (const file of [
    'logs/access.log',
    'logs/any',
    'error.log',
    'error.log.2026-11-23.0001',
    'server.pid.7',
    'tmp/tsgun-7-x/1/ts-a',
  ])
    assert.equal(isIgnored(`/srv/${file}`), true, file)
  for (const file of ['app.ts', 'error.ts', 'tmp/other']) assert.equal(isIgnored(`/srv/${file}`), false, file)
})

test('a project that is itself below a node_modules is watched', () => {
  assert.equal(ignoring(noLogs, '/x/node_modules/app')('/x/node_modules/app/a.html'), false)
})
