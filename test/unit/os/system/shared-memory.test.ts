// Memory that several processes map: sealed, copied on write, and reserved before it is used.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { closeSync, fstatSync, readFileSync, writeSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { loadSharedMemory, type SharedMemoryCalls } from '../../../../src/os/system/shared-memory.ts'

const isLinux = process.platform === 'linux'
const loaded = loadSharedMemory()
const size = 1024 * 1024

function calls(): SharedMemoryCalls {
  if (loaded instanceof Error) throw loaded
  return loaded
}

function createMemory(t: TestContext): number {
  const fd = calls().create('tsgun-test')
  t.after(() => closeSync(fd))
  calls().reserve(fd, 0, size)
  return fd
}

test('elsewhere than on Linux it says what is missing', { skip: isLinux }, () => {
  assert.ok(loaded instanceof Error)
})

test('reserved memory has its length, is zero, and takes what is written', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  assert.equal(fstatSync(fd).size, size)
  writeSync(fd, 'written', 4096)
  const view = Buffer.from(calls().map(fd, size).view(4096, 8))
  assert.equal(view.toString(), 'written\0')
})

test('more than there is free is an error, and nothing is taken', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  assert.throws(() => calls().reserve(fd, size, 2 ** 50), {
    code: 'ENOMEM',
    message: /^1073741824\.0 MB of memory are wanted, and \d+\.\d MB are free$/,
  })
  assert.equal(fstatSync(fd).size, size)
})

test('sealed memory cannot be written, shortened or extended', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  calls().seal(fd)
  assert.throws(() => writeSync(fd, 'x', 0), { code: 'EPERM' })
  assert.throws(() => calls().reserve(fd, size, 1), { code: 'EPERM' })
})

test('a write to a mapping stays in it', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  writeSync(fd, 'common', 0)
  calls().seal(fd)
  const [one, other] = [calls().map(fd, size), calls().map(fd, size)]
  Buffer.from(one.view(0, 6)).write('mine!!')
  assert.equal(Buffer.from(other.view(0, 6)).toString(), 'common')
  assert.equal(readFileSync(`/proc/self/fd/${fd}`, 'latin1').slice(0, 6), 'common')
})

test('views of a mapping see the same bytes, whatever happens to one of them', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  const mapping = calls().map(fd, size)
  const [one, other] = [mapping.view(0, 8192), mapping.view(4096, 4096)]
  Buffer.from(other).write('here')
  assert.equal(Buffer.from(one, 4096, 4).toString(), 'here')
  assert.equal(Buffer.from(structuredClone(one), 4096, 4).toString(), 'here')
  const { port1, port2 } = new MessageChannel()
  t.after(() => port1.close())
  try {
    port1.postMessage(one, [one])
    const received = receiveMessageOnPort(port2)?.message as ArrayBuffer
    assert.equal(Buffer.from(received, 4096, 4).toString(), 'here', 'Node.js 20 sends a copy')
  } catch (error) {
    assert.ok(error instanceof Error && error.name === 'DataCloneError', String(error))
  }
  const move: unknown = Reflect.get(one, 'transfer') // Node.js 22
  if (typeof move === 'function') Reflect.apply(move, one, [])
  assert.equal(Buffer.from(other, 0, 4).toString(), 'here')
})

test('a view that is longer than an ArrayBuffer can be is a RangeError', { skip: !isLinux }, (t) => {
  const mapping = calls().map(createMemory(t), size)
  assert.throws(() => mapping.view(0, 2 ** 60), RangeError)
})

test('a descriptor with closeOnExec is in no program that is started', { skip: !isLinux }, (t) => {
  const fd = createMemory(t)
  const program = `ls -l /proc/self/fd | grep -c tsgun-test || true`
  const run = (): string => execFileSync('bash', ['-c', program], { encoding: 'utf8', stdio: 'pipe' })
  calls().closeOnExec(fd)
  assert.equal(run().trim(), '0')
})
