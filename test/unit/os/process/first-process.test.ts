// In a process of its own, which says that it is the first one.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

const module = pathToFileURL(resolve(import.meta.dirname, '../../../../src/os/process/first-process.ts')).href

/** `pid`: what the process says it is. Returns how it ended. */
function run(pid: string, code: string): { readonly status: number | null; readonly signal: string | null } {
  const script = `import { endOnSignals } from '${module}'
    const real = process.pid
    Object.defineProperty(process, 'pid', { value: ${pid} })
    const gate = endOnSignals(process)
    ${code}
    await new Promise((done) => setTimeout(done, 60_000))`
  const words = ['--import', 'tsx', '--input-type=module', '-e', script]
  const { status, signal } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, signal }
}

test('each ending signal ends the first process with the code of the signal', () => {
  for (const [signal, status] of [
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGQUIT', 131],
  ] as const)
    assert.deepEqual(run('1', `process.kill(real, '${signal}')`), { status, signal: null })
})

test('the server takes over with the same gate, and a signal of that moment is not lost', () => {
  const code = `process.kill(real, 'SIGTERM')
    gate.on('SIGTERM', () => process.exit(7))`
  assert.deepEqual(run('1', code), { status: 7, signal: null })
})

test('in other processes nothing changes', () => {
  const code = `if (gate !== undefined) process.exit(1)
    process.kill(real, 'SIGTERM')`
  assert.deepEqual(run('real', code), { status: null, signal: 'SIGTERM' })
})
