// The latest records of each log, and those to come.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LogFeed, type Batch } from '../../../../src/logging/files/log-feed.ts'

const textsOf = (batches: readonly Batch[]): string[] => batches.map(({ records }) => records.toString())

test('the latest records of all logs are in the order in which they came', () => {
  const feed = new LogFeed()
  feed.push('app', 'one\n', { nr: 0 })
  feed.push('access', Buffer.from('two\n'), { service: 'live', nr: 0 })
  feed.push('error', 'three\n', {})
  feed.push('app', 'four\n', { task: 'resize', nr: 1 })
  assert.deepEqual(textsOf(feed.recent()), ['one\n', 'two\n', 'three\n', 'four\n'])
  assert.deepEqual(
    feed.recent().map(({ log, service, task, nr }) => [log, service, task, nr]),
    [
      ['app', 'web', undefined, 0],
      ['access', 'live', undefined, 0],
      ['error', undefined, undefined, undefined],
      ['app', undefined, 'resize', 1],
    ],
  )
})

test('it keeps 256 KiB of each log, and the latest batch in any case', () => {
  const feed = new LogFeed()
  feed.push('error', 'rare\n', {})
  for (let nr = 0; nr < 1000; nr += 1) feed.push('access', `${nr} ${'x'.repeat(1000)}\n`, {})
  const access = feed.recent().filter(({ log }) => log === 'access')
  const bytes = access.reduce((sum, { records }) => sum + records.length, 0)
  assert.ok(bytes <= 256 * 1024 && bytes > 255 * 1024, String(bytes))
  assert.match(textsOf(access).at(-1) ?? '', /^999 /)
  assert.deepEqual(textsOf(feed.recent()).filter((text) => text === 'rare\n').length, 1)
  feed.push('access', 'y'.repeat(300_000), {})
  assert.equal(feed.recent().length, 2)
})

test('it keeps a copy, because the buffer belongs to the pipe', () => {
  const feed = new LogFeed()
  const buffer = Buffer.from('as it was\n')
  feed.push('app', buffer, { nr: 0 })
  buffer.fill('x')
  assert.deepEqual(textsOf(feed.recent()), ['as it was\n'])
})

test('those who follow get each batch, until they stop or the logs are closed', () => {
  const feed = new LogFeed()
  const [got, ended]: [string[], string[]] = [[], []]
  const unfollow = feed.follow(
    ({ records }) => got.push(`first ${records.toString()}`),
    () => ended.push('first'),
  )
  feed.follow(
    ({ records }) => got.push(`second ${records.toString()}`),
    () => ended.push('second'),
  )
  feed.push('app', 'a', {})
  unfollow()
  feed.push('app', 'b', {})
  feed.close()
  assert.deepEqual(got, ['first a', 'second a', 'second b'])
  assert.deepEqual(ended, ['second'])
})
