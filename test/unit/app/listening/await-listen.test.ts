// How long a worker waits for a program that has not listened yet.

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { awaitListen } from '../../../../src/app/listening/await-listen.ts'
import type { ListeningServer } from '../../../../src/app/listening/listen-calls.ts'

const server = (place: ListeningServer['place']): ListeningServer => ({
  server: createServer(),
  place,
  port: 8000,
  path: undefined,
  where: undefined,
})

function wait(listening: ListeningServer[], active: () => readonly string[]): Promise<boolean> {
  return awaitListen({ calls: { listening }, before: ['PipeWrap'], active, onSlow: () => undefined })
}

test('a server that listens ends the wait', async () => {
  assert.equal(await wait([server(0)], () => []), true)
  assert.equal(await wait([server('first')], () => []), true)
})

test('a program with nothing to wait for will not listen; one that waits for something may', async () => {
  const listening: ListeningServer[] = []
  let looks = 0
  const busyFirst = (): readonly string[] => {
    looks += 1
    if (looks === 30) listening.push(server(0))
    return ['PipeWrap', 'TCPSocketWrap']
  }
  assert.equal(await wait(listening, busyFirst), true)
  assert.equal(await wait([], () => ['PipeWrap']), false)
})

test('a server that is closed again at once is not the one', async () => {
  const listening = [server(0)]
  setImmediate(() => listening.splice(0))
  assert.equal(await wait(listening, () => []), false)
})
