import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import type { ArbiterCommand } from '../../../../src/arbiter/model/commands.ts'
import type { ArbiterEvent } from '../../../../src/arbiter/model/events.ts'
import type { TlsOfGeneration } from '../../../../src/arbiter/model/generation.ts'
import { TlsWatch } from '../../../../src/arbiter/tls/watch.ts'
import type { LoadedTls } from '../../../../src/tls/load.ts'
import { TlsError } from '../../../../src/tls/problem.ts'

const loadedAs = (digest: string, expires = Date.now() + 1e10): LoadedTls => ({
  material: { certificates: [], ca: undefined },
  certificates: [
    {
      certfile: 'a.pem',
      isManaged: false,
      names: [],
      isPlaceholder: false,
      from: 0,
      kind: 'ec',
      cert: '',
      key: '',
      expires,
      fingerprint: digest,
    },
  ],
  warnings: [],
  digest,
})

interface World {
  readonly watch: TlsWatch
  readonly tls: TlsOfGeneration
  readonly events: ArbiterEvent[]
  readonly commands: ArbiterCommand[]
  /** How often the files were read. */
  reads: number
  rotations: number
  /** What the files hold. */
  found: LoadedTls | TlsError
  now: number
  change(): void
}

function world(t: TestContext): World {
  const directory = mkdtempSync(join(tmpdir(), 'tsgun-watch-test-'))
  const path = join(directory, 'a.pem')
  writeFileSync(path, 'one')
  let loaded = loadedAs('one')
  const tls: TlsOfGeneration = {
    files: { pairs: [{ certfile: path, keyfile: path }], ca: undefined },
    get loaded() {
      return loaded
    },
    boot: () => assert.fail('boot'),
    message: () => assert.fail('message'),
    present: () => assert.fail('present'),
    reload() {
      made.reads += 1
      return made.found instanceof TlsError ? Promise.reject(made.found) : Promise.resolve(made.found)
    },
    adopt: (next) => void (loaded = next),
    rotate: () => void (made.rotations += 1),
  }
  const events: ArbiterEvent[] = []
  const commands: ArbiterCommand[] = []
  const watch = new TlsWatch({
    commands: { put: (command) => void commands.push(command) },
    emit: (event) => void events.push(event),
    now: () => made.now,
  })
  let count = 1
  const made: World = {
    watch,
    tls,
    events,
    commands,
    reads: 0,
    rotations: 0,
    found: loaded,
    now: 0,
    change() {
      count += 1
      writeFileSync(path, 'x'.repeat(count))
      utimesSync(path, count, count)
    },
  }
  watch.follow({ tls })
  t.after(() => {
    watch.close()
    rmSync(directory, { recursive: true })
  })
  return made
}

test('files are read once more after the load, and then only when they have changed', async (t) => {
  const made = world(t)
  for (let time = 0; time < 3; time += 1) await made.watch.look()
  assert.equal(made.reads, 1)
  made.change()
  made.found = loadedAs('two')
  await made.watch.look()
  await made.watch.look()
  assert.equal(made.reads, 2)
  assert.equal(made.tls.loaded.digest, 'two')
  assert.deepEqual(made.commands, [{ type: 'tls' }])
  assert.deepEqual(
    made.events.map(({ type }) => type),
    ['certificates_renewed'],
  )
})

test('files without a new content are no news', async (t) => {
  const made = world(t)
  made.change()
  await made.watch.look()
  assert.deepEqual([made.commands, made.events], [[], []])
})

test('what does not fit together is waited for, then reported once for each change', async (t) => {
  const made = world(t)
  await made.watch.look()
  made.change()
  made.found = new TlsError([{ setting: 'certfile', message: 'a.pem does not fit' }])
  for (made.now of [2000, 4000, 11_000]) await made.watch.look()
  assert.deepEqual(made.events, [])
  for (made.now of [12_000, 14_000, 16_000]) await made.watch.look()
  assert.deepEqual(made.events, [{ type: 'certificates_refused', reason: 'certfile: a.pem does not fit' }])
  made.change()
  await made.watch.look()
  assert.equal(made.events.length, 2)
  assert.equal(made.tls.loaded.digest, 'one')
  made.found = loadedAs('two') // for example the clock was wrong
  await made.watch.look()
  assert.equal(made.tls.loaded.digest, 'two')
  made.found = new TlsError([{ setting: 'certfile', message: 'again' }])
  made.change()
  await made.watch.look()
  assert.equal(made.events.length, 3, 'it is patient again')
})

test('a reload that brings other certificates is news, and one without TLS ends the watch', async (t) => {
  const made = world(t)
  const other: TlsOfGeneration = { ...made.tls, loaded: loadedAs('other') }
  made.watch.follow({ tls: other })
  assert.deepEqual(
    made.events.map(({ type }) => type),
    ['certificates_renewed'],
  )
  made.watch.follow({ tls: undefined })
  made.change()
  await made.watch.look()
  assert.equal(made.reads, 0)
})

test('the keys of session tickets are replaced every 12 hours, and the end of a certificate is told each day', async (t) => {
  const made = world(t)
  const hour = 3_600_000
  made.tls.adopt(loadedAs('one', Date.now() + 5.5 * 24 * hour))
  for (made.now of [11 * hour, 12 * hour, 13 * hour, 23 * hour]) await made.watch.look()
  assert.equal(made.rotations, 1)
  assert.deepEqual(made.commands, [{ type: 'tls' }])
  assert.deepEqual(made.events, [])
  for (made.now of [24 * hour, 25 * hour]) await made.watch.look()
  assert.equal(made.rotations, 2)
  assert.match(
    JSON.stringify(made.events),
    /^\[\{"type":"warning","message":"the certificate a\.pem expires in 5 days/,
  )
})
