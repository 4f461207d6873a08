// The running server of a config is found as a start finds it: by the lock on its pidfile.

import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { runningMaster } from '../../../../src/doctor/facts/running.ts'
import { loadNative } from '../../../../src/os/system/native.ts'
import { tryLock } from '../../../../src/os/system/file-lock.ts'

function pidfile(t: TestContext, text: string): { readonly directory: string; readonly path: string } {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-running-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'server.pid')
  writeFileSync(path, text)
  return { directory, path }
}

const settings = { pidfile: 'server.pid' }

test('a pidfile that is locked belongs to a running master, whatever its process calls itself', (t) => {
  const native = loadNative()
  if (native instanceof Error) return t.skip('no locks here')
  const { directory, path } = pidfile(t, `${process.pid}\n`)
  const fd = openSync(path, 'r')
  t.after(() => closeSync(fd))
  assert.equal(tryLock(native, fd, 'exclusive'), 'locked')
  assert.deepEqual(runningMaster(settings, directory), { pid: process.pid, pidfile: path })
})

test('a pidfile that is not locked is stale, although a process has its number', (t) => {
  const { title } = process
  process.title = 'tsgun: master [app]'
  t.after(() => void (process.title = title))
  const { directory } = pidfile(t, `${process.pid}\n`)
  assert.equal(runningMaster(settings, directory), undefined)
})

test('without locks the title decides; no file, no number and no right to read it are no server', (t) => {
  const { directory } = pidfile(t, `${process.pid}\n`)
  const none = new Error('no native calls')
  assert.equal(runningMaster(settings, directory, none), undefined)
  assert.equal(runningMaster({ pidfile: null }, directory), undefined)
  assert.equal(runningMaster({ pidfile: 'no.pid' }, directory), undefined)
  assert.equal(runningMaster({ pidfile: '.' }, directory), undefined)
  const { directory: other } = pidfile(t, 'a text\n')
  assert.equal(runningMaster(settings, other, none), undefined)
})
