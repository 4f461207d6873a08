// What a process says last is heard before its end, however the two arrive.

import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { spawnProcess } from '../../../../src/os/process/spawn.ts'

test('the messages of a process that exits right after them come before its end', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-spawn-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const entry = join(directory, 'entry.cjs')
  writeFileSync(
    entry,
    `process.send('x'.repeat(300000)); process.send('last words', () => process.exit(3))\n`,
  )
  for (let round = 0; round < 5; round += 1) {
    const heard: string[] = []
    await new Promise<void>((resolve) => {
      const options = {
        entry,
        environment: process.env,
        directory: process.cwd(),
        inherit: [],
        output: 'pipe',
      } as const
      const child = spawnProcess(options, {
        onMessage: (message) => heard.push(String(message).slice(0, 10)),
        onEnd(code) {
          heard.push(`code ${code}`)
          resolve()
        },
      })
      for (const stream of [child.stdout, child.stderr, child.log]) stream?.resume()
      // This process is busy meanwhile, so that message and end wait for it together.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, round * 60)
    })
    assert.deepEqual(heard, ['xxxxxxxxxx', 'last words', 'code 3'])
  }
})

test('a program that cannot be started is an end with the reason, and no process', async () => {
  const end = await new Promise<Error | undefined>((resolve) => {
    const child = spawnProcess(
      { entry: 'a\0b', environment: {}, directory: '/', inherit: [], output: 'pipe' },
      { onMessage: assert.fail, onEnd: (_code, _signal, error) => resolve(error) },
    )
    assert.equal(child.pid, undefined)
    child.send({})
    child.kill('SIGKILL')
  })
  assert.ok(end instanceof Error)
})

test('a working directory that is gone is named, and not the program', async () => {
  const end = await new Promise<Error | undefined>((resolve) => {
    spawnProcess(
      { entry: 'entry.js', environment: {}, directory: '/no/such/release', inherit: [], output: 'pipe' },
      { onMessage: assert.fail, onEnd: (_code, _signal, error) => resolve(error) },
    )
  })
  assert.equal(end?.message, 'its working directory /no/such/release is gone')
})
