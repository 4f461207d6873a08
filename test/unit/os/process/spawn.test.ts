// The last messages of a process are received before its exit, in whichever order they arrive.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { spawnProcess } from '../../../../src/os/process/spawn.ts'

test('messages that a process sends right before it exits are received before onEnd', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-spawn-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const entry = join(directory, 'entry.cjs')
  writeFileSync(
    entry,
    `process.send('x'.repeat(300000)); process.send('last message', () => process.exit(3))\n`,
  )
  for (let round = 0; round < 5; round += 1) {
    const received: string[] = []
    await new Promise<void>((resolve) => {
      const options = {
        entry,
        environment: process.env,
        directory: process.cwd(),
        nodeFlags: [],
        inherit: [],
        output: 'pipe',
      } as const
      const child = spawnProcess(options, {
        onMessage: (message) => received.push(String(message).slice(0, 12)),
        onEnd(code) {
          received.push(`code ${code}`)
          resolve()
        },
      })
      for (const stream of [child.stdout, child.stderr, child.log]) stream?.resume()
      // This process is busy in the meantime, so that messages and exit arrive together.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, round * 60)
    })
    assert.deepEqual(received, ['xxxxxxxxxxxx', 'last message', 'code 3'])
  }
})

test('a program that cannot be started calls onEnd with the error and has no pid', async () => {
  const end = await new Promise<Error | undefined>((resolve) => {
    const child = spawnProcess(
      { entry: 'a\0b', environment: {}, nodeFlags: [], directory: '/', inherit: [], output: 'pipe' },
      { onMessage: assert.fail, onEnd: (_code, _signal, error) => resolve(error) },
    )
    assert.equal(child.pid, undefined)
    child.send({})
    child.kill('SIGKILL')
  })
  assert.ok(end instanceof Error)
})

test('the error for a missing working directory names the directory, not the program', async () => {
  const end = await new Promise<Error | undefined>((resolve) => {
    spawnProcess(
      {
        entry: 'entry.js',
        environment: {},
        nodeFlags: [],
        directory: '/no/such/release',
        inherit: [],
        output: 'pipe',
      },
      { onMessage: assert.fail, onEnd: (_code, _signal, error) => resolve(error) },
    )
  })
  assert.equal(end?.message, 'its working directory /no/such/release no longer exists')
})
