// Which files count: those that were loaded or missed, and those of a glob that are the user's own.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { extraFiles } from '../../../src/watch/extra-files.ts'
import { ignoring } from '../../../src/watch/ignored.ts'
import { WantedFiles } from '../../../src/watch/wanted-files.ts'

const noLogs = { accesslog: null, errorlog: '-', applog: '-', pidfile: null }

function wanted(patterns: readonly string[] = []): WantedFiles {
  const files = new WantedFiles('/srv', extraFiles([], '/srv'), () => false)
  files.begin(extraFiles(patterns, '/srv'), ignoring(noLogs, '/srv'))
  return files
}

test('what was loaded counts, and what only lies beside it does not', () => {
  const files = wanted()
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
      files.wants(file),
    ),
    [true, true, true, false],
  )
  assert.deepEqual(
    ['/srv/lib', '/srv/lib/deep', '/srv/other'].map((directory) => files.leadsTo(directory)),
    [true, true, false],
  )
})

test('a file that an import did not find counts under each name that it may have', () => {
  const files = wanted()
  files.add('/srv/lib/later', null)
  files.add('/srv/lib/written.js', null)
  for (const file of ['later', 'later.ts', 'later/index.ts', 'written.js', 'written.ts'])
    assert.equal(files.wants(`/srv/lib/${file}`), true, file)
  assert.equal(files.leadsTo('/srv/lib/later'), true)
  for (const file of ['lat.ts', 'later/other.ts', '.later.ts.swp'])
    assert.equal(files.wants(`/srv/lib/${file}`), false, file)
})

test('the files of the generation before still count, those of the one before that do not', () => {
  const files = wanted()
  files.add('/srv/a.ts', 1)
  const next = (): void => void files.begin(extraFiles([], '/srv'), () => false)
  next()
  assert.equal(files.wants('/srv/a.ts'), true)
  next()
  assert.equal(files.wants('/srv/a.ts'), false)
})

test('after a load that has failed all that counted before counts on, with new times', () => {
  const files = wanted()
  files.add('/srv/a.ts', 1)
  files.tryAgain()
  files.tryAgain()
  files.add('/srv/a.ts', 2)
  assert.equal(files.stampOf('/srv/a.ts'), 2)
})

test('a file that was removed has changed when it is there again', () => {
  const files = wanted()
  files.add('/srv/a.ts', 1)
  files.forget('/srv/a.ts')
  assert.equal(files.stampOf('/srv/a.ts'), null)
  assert.equal(files.wants('/srv/a.ts'), true)
})

test('a glob means files below its base, but not those of packages, of tools and of editors', () => {
  const files = wanted(['views/**/*', '.env'])
  for (const file of ['views/a.html', 'views/deep/b.html', 'views/.hidden', '.env'])
    assert.equal(files.wants(`/srv/${file}`), true, file)
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
  for (const file of not) assert.equal(files.wants(`/srv/views/${file}`), false, file)
  assert.equal(files.wants('/srv/other/a.html'), false)
  assert.equal(files.leadsTo('/srv/views/deep'), true)
  assert.equal(files.leadsTo('/srv/views/node_modules'), false)
})

test("logs, the pidfile and what else the server writes are none of the user's work", () => {
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
