// The pidfile through the life of a master.

import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { Pidfile, PidfileError } from '../../../../src/arbiter/start/pidfile.ts'

/** A process id that no process has: above the kernel's limit. */
const noProcess = 2 ** 22 + 1

interface Setup {
  readonly path: string
  readonly events: ArbiterEvent[]
  readonly pidfile: Pidfile
}

function setup(t: TestContext): Setup {
  const folder = mkdtempSync(join(tmpdir(), 'tsgun-pidfile-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'server.pid')
  const events: ArbiterEvent[] = []
  return { path, events, pidfile: new Pidfile(path, (event) => void events.push(event)) }
}

test('the file holds the id, can be read by all, and is removed', (t) => {
  const { path, pidfile, events } = setup(t)
  pidfile.create('')
  assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  assert.equal(statSync(path).mode & 0o777, 0o644 & ~process.umask())
  pidfile.remove()
  pidfile.remove()
  assert.deepEqual([existsSync(path), events], [false, []])
})

test('without the setting nothing is written, renamed or removed', () => {
  const pidfile = new Pidfile(null, () => assert.fail('nothing to report'))
  pidfile.create('')
  pidfile.promote(1)
  pidfile.remove()
})

test('the file of a running process is refused, a stale one and one without an id are replaced', (t) => {
  const { path, pidfile } = setup(t)
  writeFileSync(path, `${process.ppid}\n`)
  assert.throws(() => pidfile.create(''), PidfileError)
  assert.throws(() => pidfile.create(''), /already running with the pidfile .*: process \d+; stop it first/)
  for (const text of [String(noProcess), 'nonsense', '', `${process.pid}`]) {
    writeFileSync(path, text)
    pidfile.create('')
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  }
})

test('a file that cannot be read or written is an error that names it', (t) => {
  const { path } = setup(t)
  const below = new Pidfile(join(path, 'below', 'x.pid'), () => undefined)
  assert.throws(() => below.create(''), /cannot write the pidfile .*x\.pid: there is no directory /)
  const folder = new Pidfile(join(path, '..'), () => undefined)
  assert.throws(() => folder.create(''), /cannot read the pidfile .*: it is a directory$/)
})

test('the new arbiter of an upgrade takes the name of the old one, which may have left its file', (t) => {
  const { path, pidfile, events } = setup(t)
  pidfile.create('.2')
  assert.equal(readFileSync(`${path}.2`, 'utf8'), `${process.pid}\n`)
  writeFileSync(path, `${process.ppid}\n`)
  pidfile.promote(process.ppid)
  assert.deepEqual([readFileSync(path, 'utf8'), existsSync(`${path}.2`)], [`${process.pid}\n`, false])
  pidfile.remove()
  assert.deepEqual([existsSync(path), events], [false, []])
})

test('a name that another process has stays with it, and the reason is a warning', (t) => {
  const { path, pidfile, events } = setup(t)
  pidfile.create('.2')
  writeFileSync(path, `${process.ppid}\n`)
  pidfile.promote(noProcess)
  assert.match(JSON.stringify(events), /the pidfile keeps its name .*server\.pid\.2: .* belongs to process/)
  pidfile.remove()
  assert.deepEqual([existsSync(path), existsSync(`${path}.2`)], [true, false])
})

test('a file that was removed, or that holds another id, is left alone and reported', (t) => {
  const { path, pidfile, events } = setup(t)
  pidfile.create('')
  rmSync(path)
  pidfile.remove()
  assert.deepEqual(events, [{ type: 'pidfile_lost', path, found: 'it no longer exists' }])
  pidfile.create('')
  writeFileSync(path, '123456789012345678901234567890')
  pidfile.remove()
  const found = 'it no longer holds this master\'s id (it holds "12345678901234567890")'
  assert.deepEqual(events.at(-1), { type: 'pidfile_lost', path, found })
  assert.equal(existsSync(path), true)
})
