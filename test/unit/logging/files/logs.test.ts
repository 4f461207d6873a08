// The three logs with their destinations: separate or shared files, standard streams, or none.

import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { logNames } from '../../../../src/logging/log-names.ts'
import { Logs, LogOpenError } from '../../../../src/logging/files/logs.ts'
import type { LogSettings } from '../../../../src/logging/files/destination.ts'
import { directory, limit, logSettings, opener, policy, until } from '../../../helpers/logs.ts'

/** Number of open descriptors of this process; those of other work may be closed at any time. */
const descriptors = (): number => readdirSync('/proc/self/fd').length

const open = (settings: Partial<LogSettings>): Promise<Logs> => Logs.open(logSettings(settings), opener())

test('each log has its own file and name, and is reopened', async (t) => {
  const folder = directory(t)
  const path = (name: string): string => join(folder, name)
  const logs = await open({ accesslog: path('a'), errorlog: path('e'), applog: path('p') })
  assert.deepEqual(logs.names(), { access: path('a'), error: path('e'), app: path('p') })
  for (const log of logNames) logs.write(log, `${log} before\n`)
  await logs.reopen() // writes what is waiting first, or after: to one of the two
  for (const name of ['a', 'e', 'p']) renameSync(path(name), path(`${name}.1`))
  await logs.reopen()
  for (const log of logNames) logs.write(log, `${log} after\n`)
  await logs.close()
  for (const [name, log] of [
    ['a', 'access'],
    ['e', 'error'],
    ['p', 'app'],
  ] as const) {
    assert.equal(
      readFileSync(path(`${name}.1`), 'utf8') + readFileSync(path(name), 'utf8'),
      `${log} before\n${log} after\n`,
    )
  }
})

test('a service has the logs that it sets, shares files with others, and is named when lines are dropped', async (t) => {
  const folder = directory(t)
  const path = (name: string): string => join(folder, name)
  const own = { feed: { applog: path('feed') }, live: { applog: path('feed'), accesslog: null } }
  const logs = await open({ accesslog: path('a'), errorlog: null, applog: path('p'), services: own })
  logs.write('app', 'of the app\n')
  logs.write('app', 'of web\n', { service: 'web' })
  logs.write('app', 'of feed\n', { service: 'feed' })
  logs.write('app', 'of live\n', { service: 'live' })
  logs.write('access', 'of feed\n', { service: 'feed' })
  logs.write('access', 'nowhere\n', { service: 'live' })
  logs.countLost('app', 2, 'feed')
  logs.countLost('app', 3, 'web')
  logs.write('app', Buffer.alloc(limit, '\n'), { service: 'live' })
  assert.deepEqual(logs.takeDropped(), [{ log: 'app of feed and app of live', lines: limit }])
  const { 'feed/app': feed, 'live/app': live, ...others } = logs.ownViews()
  assert.deepEqual([feed?.name, feed?.dropped, live?.dropped], [path('feed'), limit + 2, limit])
  assert.deepEqual(Object.keys(others), ['live/access'])
  assert.equal(logs.views().app.dropped, 3)
  await logs.rotate('app')
  await logs.apply(logSettings({ accesslog: path('a'), errorlog: null, applog: path('p') }), () => undefined)
  logs.write('app', 'of the server again\n', { service: 'feed' })
  await logs.close()
  const [rotated = ''] = readdirSync(folder).filter((name) => name.startsWith('feed.'))
  assert.equal(readFileSync(path(rotated), 'utf8'), 'of feed\nof live\n')
  assert.equal(readFileSync(path('p'), 'utf8'), 'of the server again\n')
  assert.equal(readFileSync(path('a'), 'utf8'), 'of feed\n')
})

test('/dev/stdout and /dev/stderr are the standard streams, and /dev/null switches a log off', async () => {
  const logs = await open({ accesslog: '/dev/stdout', errorlog: '/dev/stderr', applog: '/dev/null' })
  assert.deepEqual(logs.names(), { access: 'stdout', error: 'stderr', app: 'none' })
  await logs.close()
})

test('logs that share a file, by any path, keep lines whole, and report dropped lines once', async (t) => {
  const folder = directory(t)
  const path = join(folder, 'all.log')
  const logs = await open({ accesslog: path, errorlog: `${folder}/./all.log`, applog: null })
  for (let number = 0; number < 5000; number += 1)
    logs.write(number % 2 === 0 ? 'access' : 'error', `${number} ${'x'.repeat(number % 300)}\n`)
  logs.write('app', 'nowhere\n')
  logs.write('error', Buffer.alloc(limit, '\n'))
  assert.deepEqual(logs.takeDropped(), [{ log: 'access and error', lines: limit }])
  await logs.close()
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1)
  assert.deepEqual(
    lines.map((line) => Number(/^(\d+) x*$/.exec(line)?.[1])),
    Array.from({ length: 5000 }, (_, number) => number),
  )
})

test('null switches a log off, and "-" is standard output or error', async () => {
  const logs = await open({ accesslog: '-', errorlog: '-', applog: null })
  assert.deepEqual(logs.names(), { access: 'stdout', error: 'stderr', app: 'none' })
  await logs.close()
})

test('when one log cannot be opened, the error has the setting and path, and the others are closed', async (t) => {
  const folder = directory(t)
  mkdirSync(join(folder, 'sub'))
  const opening = open({ accesslog: join(folder, 'a'), errorlog: join(folder, 'sub'), applog: null })
  await assert.rejects(opening, (error) => {
    assert.ok(error instanceof LogOpenError)
    assert.equal(error.setting, 'errorlog')
    assert.equal(error.message, `cannot open ${join(folder, 'sub')}: it is a directory`)
    return true
  })
  const before = descriptors()
  await assert.rejects(open({ accesslog: join(folder, 'a'), errorlog: join(folder, 'sub'), applog: null }))
  await until(() => descriptors() <= before) // no descriptor is left open
})

test('new destinations: earlier lines are in the old file, later ones in the new; others stay open', async (t) => {
  const folder = directory(t)
  const path = (name: string): string => join(folder, name)
  const logs = await open({ accesslog: path('a'), errorlog: path('e'), applog: path('a') })
  const kept = descriptors()
  for (const log of logNames) logs.write(log, `${log} before\n`)
  let switched = 0
  const lost = await logs.apply(
    logSettings({ accesslog: path('b'), errorlog: path('e'), applog: path('a') }),
    () => {
      switched += 1
      logs.write('access', 'access at the switch\n')
    },
  )
  assert.deepEqual([lost, switched], [[], 1])
  for (const log of logNames) logs.write(log, `${log} after\n`)
  await until(() => descriptors() <= kept + 1)
  await logs.apply(logSettings({ accesslog: path('b'), errorlog: path('e'), applog: null }), () => undefined)
  logs.write('app', 'nowhere\n')
  await until(() => descriptors() <= kept) // unused destinations are closed
  assert.deepEqual(logs.names(), { access: path('b'), error: path('e'), app: 'none' })
  await logs.close()
  assert.equal(readFileSync(path('a'), 'utf8'), 'access before\napp before\napp after\n')
  assert.equal(readFileSync(path('b'), 'utf8'), 'access at the switch\naccess after\n')
  assert.equal(readFileSync(path('e'), 'utf8'), 'error before\nerror after\n')
})

test('a destination that cannot be opened changes nothing, and `check` reports it before', async (t) => {
  const folder = directory(t)
  const path = (name: string): string => join(folder, name)
  const logs = await open({ accesslog: path('a') })
  const before = descriptors()
  const wrong = logSettings({ accesslog: path('b'), applog: path('none/p') })
  await assert.rejects(logs.check(wrong), LogOpenError)
  await assert.rejects(
    logs.apply(wrong, () => assert.fail('it does not switch')),
    LogOpenError,
  )
  await until(() => descriptors() <= before)
  logs.write('access', 'still here\n')
  await logs.close()
  assert.equal(readFileSync(path('a'), 'utf8'), 'still here\n')
})

test('a file that stays open gets the new rotation and buffer size', async (t) => {
  const folder = directory(t)
  const logs = await open({ accesslog: join(folder, 'a') })
  logs.write('access', '12345\n')
  const settings = logSettings({
    accesslog: { path: join(folder, 'a'), rotation: policy({ size: 6 }) },
    log_buffer: 8,
  })
  await logs.apply(settings, () => undefined)
  logs.write('access', '67890\n')
  await until(() => readdirSync(folder).length === 2)
  logs.write('access', 'more than it may\n')
  assert.equal(logs.views().access.dropped, 1)
  logs.countLost('access', 3)
  assert.equal(logs.views().access.dropped, 4)
  await logs.close()
  assert.deepEqual(
    readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8')),
    ['67890\n', '12345\n'],
  )
})
