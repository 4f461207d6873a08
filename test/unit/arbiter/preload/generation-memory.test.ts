// The memory and the directories of a generation: what its processes get, and that nothing is left behind.

import assert from 'node:assert/strict'
import {
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { removeStale, type LockCalls } from '../../../../src/arbiter/preload/directories.ts'
import { GenerationMemory, mostFiles } from '../../../../src/arbiter/preload/generation-memory.ts'

const before = process.env['TMPDIR']
let directory = ''
let made: number[] = []

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tsgun-memory-'))
  process.env['TMPDIR'] = directory
  made = []
})

afterEach(() => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  rmSync(directory, { recursive: true })
})

const free: LockCalls = { flock: () => undefined }
const held: LockCalls = { flock: () => throwCode('EAGAIN') }
const noLocks = new Error('no koffi here')

function throwCode(code: string): never {
  throw Object.assign(new Error(code), { code })
}

/** As memfd_create(2), with files. `failsAt`: the number of the one that cannot be made. */
function memory(failsAt = Number.POSITIVE_INFINITY): { create: (name: string) => number } {
  return {
    create(name) {
      if (made.length >= failsAt) throwCode('EMFILE')
      const fd = openSync(join(directory, `${name}-${made.length}`), 'wx+')
      made.push(fd)
      return fd
    },
  }
}

function memoryOf(calls: ReturnType<typeof memory> | Error, native: LockCalls = free): GenerationMemory {
  const identity = { uid: undefined, gid: undefined, initgroups: undefined, account: undefined }
  const facts = { number: 3, identity, module: '/srv/app.js', isNamed: false }
  return new GenerationMemory(facts, { native, memory: calls })
}

const isOpen = (fd: number): boolean => {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}

/** What `memory` has made and is open. */
function openMemory(): readonly string[] {
  const targets = readdirSync('/proc/self/fd').map((fd) => targetOf(`/proc/self/fd/${fd}`))
  return targets.filter((target) => target.includes('tsgun-generation'))
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link)
  } catch {
    return '' // that of the list itself
  }
}

const directoriesLeft = (): readonly string[] =>
  readdirSync(directory).filter((name) => name.includes('tsgun-preload-'))

const data = { size: 8, table: { offset: 0, length: 8 } }

test('each file has the descriptor and the path that it has in the processes that inherit it', () => {
  const generation = memoryOf(memory())
  const { by, data: first, files } = generation.task
  assert.equal(by, 'mapped')
  assert.equal(files.length, mostFiles)
  assert.deepEqual(generation.descriptors, made)
  for (const [nr, { fd, path }] of files.entries()) {
    assert.equal(fd, first + nr + 1)
    assert.equal(path, `/proc/self/fd/${fd}`)
  }
  generation.discard()
})

test('what was not used is closed; the rest is inherited with the lock, and closed with the generation', () => {
  const generation = memoryOf(memory())
  const { manifest, descriptors, release } = generation.keep({ data, files: [5, 6] })
  assert.deepEqual(made.map(isOpen), [true, true, true, ...Array<boolean>(mostFiles - 2).fill(false)])
  assert.deepEqual(descriptors.slice(0, 3), made.slice(0, 3))
  assert.equal(descriptors.length, 4)
  assert.deepEqual(
    manifest.files.map(({ fd, size }) => [fd, size]),
    [
      [manifest.data.fd + 1, 5],
      [manifest.data.fd + 2, 6],
    ],
  )
  assert.deepEqual(
    manifest.inherited,
    [0, 1, 2, 3].map((nr) => manifest.data.fd + nr),
  )
  release()
  assert.ok(!descriptors.some(isOpen))
  assert.deepEqual(directoriesLeft(), [])
})

test('without memory, and without the system calls, the files are private ones on a disk', () => {
  for (const calls of [new Error('no memfd_create here'), memory(5)]) {
    const generation = memoryOf(calls, noLocks)
    assert.match(generation.copies ?? '', /no memfd_create here|EMFILE/)
    const { task, descriptors } = generation
    assert.equal(task.by, 'copied')
    for (const { path } of task.files) assert.ok(existsSync(path) && path.startsWith(directory))
    assert.equal(fstatSync(descriptors[0] ?? -1).mode & 0o777, 0o600)
    assert.deepEqual(openMemory(), [], 'what was made before the failure is closed')
    generation.discard()
    assert.ok(!descriptors.some(isOpen))
    assert.deepEqual(directoriesLeft(), [])
  }
})

test('directories that nothing has locked are removed, others stay', () => {
  const generation = memoryOf(memory())
  writeFileSync(join(generation.task.directory, 'part'), 'of a model')
  writeFileSync(join(directory, 'tsgun-preload-file'), 'of somebody else')
  removeStale(held)
  removeStale(noLocks)
  assert.ok(existsSync(join(generation.task.directory, 'part')))
  removeStale(free)
  assert.ok(!existsSync(generation.task.directory))
  generation.discard()
})
