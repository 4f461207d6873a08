// The pidfile through the life of a master.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import { PidfileError } from '../../../../src/os/process/pidfile-owner.ts'
import { Pidfile } from '../../../../src/arbiter/start/pidfile.ts'
import { loadNative } from '../../../../src/os/system/native.ts'

const native = loadNative()

/** A process id that no process has: above the kernel's limit. */
const noProcess = 2 ** 22 + 1

interface Setup {
  readonly path: string
  readonly events: ArbiterEvent[]
  readonly pidfile: Pidfile
  /** The pidfile of another master. */
  readonly other: Pidfile
}

function setup(t: TestContext): Setup {
  const folder = mkdtempSync(join(tmpdir(), 'tsgun-pidfile-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'server.pid')
  const events: ArbiterEvent[] = []
  const pidfile = new Pidfile(path, (event) => void events.push(event), native)
  const other = new Pidfile(path, () => undefined, native)
  t.after(() => {
    pidfile.remove()
    other.remove()
  })
  return { path, events, pidfile, other }
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
  const pidfile = new Pidfile(null, () => assert.fail('nothing to report'), native)
  pidfile.create('')
  pidfile.promote(1)
  pidfile.remove()
})

test('the file that another master holds is refused, whatever it says', (t) => {
  const { path, pidfile, other } = setup(t)
  other.create('')
  assert.throws(() => pidfile.create(''), PidfileError)
  const running = /already running with the pidfile .*: process \d+; stop it first \(kill \d+\)/
  assert.throws(() => pidfile.create(''), running)
  writeFileSync(path, '')
  assert.throws(() => pidfile.create(''), /already running .*, which holds no process id; stop it first/)
  assert.deepEqual(readdirSync(dirname(path)), [basename(path)])
  other.remove()
  rmSync(path)
  pidfile.create('')
})

test('a file that no master holds is replaced, whatever process has its number', (t) => {
  const { path, pidfile } = setup(t)
  for (const text of [noProcess, process.ppid, 1, process.pid, 'nonsense', '', 0, '9'.repeat(30)]) {
    writeFileSync(path, `${text}\n`)
    pidfile.create('')
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
    pidfile.remove()
  }
})

test('a link to a file that does not exist is replaced', (t) => {
  const { path, pidfile } = setup(t)
  symlinkSync(`${path}.none`, path)
  pidfile.create('')
  assert.deepEqual([lstatSync(path).isFile(), existsSync(`${path}.none`)], [true, false])
})

test('without locks the title of the process decides', async (t) => {
  const { path } = setup(t)
  const pidfile = new Pidfile(path, () => undefined, new Error('no native calls'))
  const program = `process.title = 'tsgun: master [x]'; console.log('ready'); setInterval(() => {}, 1000)`
  const master = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => master.kill('SIGKILL'))
  await once(master.stdout, 'data')
  writeFileSync(path, `${master.pid ?? 0}\n`)
  assert.throws(() => pidfile.create(''), /already running with the pidfile/)
  writeFileSync(path, `${process.ppid}\n`)
  if (process.platform === 'linux') pidfile.create('')
  pidfile.remove()
})

test('a file that cannot be read or written is an error that names it', (t) => {
  const { path } = setup(t)
  const below = new Pidfile(join(path, 'below', 'x.pid'), () => undefined, native)
  assert.throws(() => below.create(''), /cannot write the pidfile .*x\.pid: there is no directory /)
  const folder = new Pidfile(join(path, '..'), () => undefined, native)
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
  const { path, pidfile, other, events } = setup(t)
  pidfile.create('.2')
  other.create('')
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
