import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { findZombies } from '../../../../src/os/system/zombies.ts'

const skip = process.platform !== 'linux' && 'needs Linux'

test('finds a child that has exited as long as nothing has waited for it', { skip }, async () => {
  const living = spawn('sleep', ['600'])
  const child = spawn('true')
  const pids = (): number[] => findZombies().map(({ pid }) => pid)
  const giveUpAt = performance.now() + 60_000
  // Node waits for it in a later turn of the event loop.
  while (!pids().includes(child.pid ?? 0)) assert.ok(performance.now() < giveUpAt, 'no zombie')
  assert.ok((findZombies()[0]?.startedAt ?? 0) > 0)
  assert.equal(pids().includes(living.pid ?? 0), false)
  await once(child, 'exit')
  assert.equal(pids().includes(child.pid ?? 0), false)
  living.kill('SIGKILL')
  await once(living, 'exit')
})
