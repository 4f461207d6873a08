// The gate in a process of its own, with signals of the kernel: listeners stay what the program has added,
// and are not called.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'

const gate = pathToFileURL(resolve(import.meta.dirname, '../../../../src/os/program/signal-gate.ts')).href

/**
 * Runs the code in a process that has \`gate\`, \`got\` and \`kernel(signal)\`. Returns what it has printed.
 */
function run(code: string): unknown {
  const script = `import { SignalGate } from '${gate}'
    const got = []
    const kernel = async (signal) => {
      process.kill(process.pid, signal)
      await new Promise((done) => setTimeout(done, 100))
    }
    ${code}
    console.log(JSON.stringify(got))`
  const words = ['--import', 'tsx', '--input-type=module', '-e', script]
  return JSON.parse(execFileSync(process.execPath, words, { encoding: 'utf8' }))
}

test('a signal reaches the receiver and no listener, whether it was added before or after', () => {
  const got = run(`process.on('SIGTERM', () => got.push('before'))
    process.once('SIGTERM', () => got.push('once'))
    const gate = new SignalGate(process)
    gate.on('SIGTERM', () => got.push('received'))
    process.on('SIGTERM', () => got.push('after'))
    await kernel('SIGTERM')
    gate.on('SIGTERM', () => got.push('replaced'))
    await kernel('SIGTERM')
    got.push(process.listenerCount('SIGTERM'))
    process.emit('SIGTERM', 'SIGTERM')
    got.push(process.listenerCount('SIGTERM'))`)
  assert.deepEqual(got, ['received', 'replaced', 3, 'before', 'once', 'after', 2])
})

test('the program sees only its own listeners, and removing all does not give the signal back', () => {
  const got = run(`const gate = new SignalGate(process)
    gate.on('SIGTERM', () => got.push('received'))
    got.push(process.listenerCount('SIGTERM'))
    const one = () => got.push('one')
    process.once('SIGTERM', one)
    process.removeListener('SIGTERM', one)
    process.on('SIGTERM', one)
    process.removeAllListeners('SIGTERM')
    got.push(process.listenerCount('SIGTERM'))
    await kernel('SIGTERM')
    process.removeAllListeners()
    await kernel('SIGTERM')
    process.on('SIGTERM', one)
    await kernel('SIGTERM')`)
  assert.deepEqual(got, [0, 0, 'received', 'received', 'received'])
})

test('other signals are as ever', () => {
  const got = run(`new SignalGate(process).on('SIGTERM', () => undefined)
    process.once('SIGUSR2', (...parameters) => got.push(parameters))
    await kernel('SIGUSR2')
    got.push(process.listenerCount('SIGUSR2'))`)
  assert.deepEqual(got, [['SIGUSR2', 12], 0])
})
