// Which tsgun the workers of a generation are started from.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { Homes } from '../../../../src/arbiter/reload/homes.ts'

class Disk {
  readonly base = mkdtempSync(join(realpathSync(tmpdir()), 'tsgun-homes-'))

  constructor(t: TestContext) {
    t.after(() => rmSync(this.base, { recursive: true }))
  }

  path(name: string): string {
    return join(this.base, name)
  }

  install(directory: string, version: string): string {
    const home = this.path(join(directory, 'node_modules/tsgun'))
    mkdirSync(home, { recursive: true })
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'tsgun', version }))
    return home
  }

  switchTo(release: string): void {
    symlinkSync(release, this.path('next'))
    renameSync(this.path('next'), this.path('current'))
  }
}

test('a tsgun of the release is followed from release to release, whatever happens to the first', (t) => {
  const disk = new Disk(t)
  const [first, second] = [disk.install('releases/1', '1.0.0'), disk.install('releases/2', '1.0.0')]
  const homes = new Homes(first)
  const places = [disk.path('current')]
  disk.switchTo('releases/1')
  assert.deepEqual(homes.next(places), { directory: first, warnings: [] })
  assert.equal(homes.isForeign(homes.next(places)), false)
  disk.switchTo('releases/2')
  assert.equal(homes.present, second)
  assert.deepEqual(homes.next(places), { directory: second, warnings: [] })
  assert.equal(homes.isForeign(homes.next(places)), true)
  rmSync(disk.path('releases/1'), { recursive: true })
  assert.equal(homes.next(places).directory, second)
})

test('a release with another version is refused with the remedy, and is what an upgrade starts', (t) => {
  const disk = new Disk(t)
  const first = disk.install('releases/1', '1.0.0')
  const second = disk.install('releases/2', '1.1.0')
  const homes = new Homes(first)
  const places = [disk.path('current')]
  disk.switchTo('releases/1')
  homes.next(places)
  disk.switchTo('releases/2')
  assert.throws(() => homes.next(places), {
    message: `${second} is tsgun 1.1.0, and this master is tsgun 1.0.0; upgrade the master: kill -USR2 ${process.pid}, or tsgunctl upgrade`,
  })
  assert.equal(homes.present, second)
})

test('a release without tsgun gets that of the master, with a warning, as long as that exists', (t) => {
  const disk = new Disk(t)
  const first = disk.install('releases/1', '1.0.0')
  mkdirSync(disk.path('releases/2'))
  const homes = new Homes(first)
  homes.next([disk.path('releases/1')])
  const { directory, warnings } = homes.next([disk.path('releases/2')])
  assert.equal(directory, first)
  assert.match(warnings[0] ?? '', /no tsgun is installed for .*releases\/2.*keep that directory/)
  rmSync(disk.path('releases/1'), { recursive: true })
  assert.throws(() => homes.next([disk.path('releases/2')]), /no longer exists.*install tsgun 1\.0\.0 there/)
})

test('a tsgun outside of the releases stays, whatever the releases have; it may not change its version', (t) => {
  const disk = new Disk(t)
  const global = disk.install('global', '1.0.0')
  disk.install('releases/1', '0.9.0')
  const homes = new Homes(global)
  const places = [disk.path('releases/1')]
  assert.deepEqual(homes.next(places), { directory: global, warnings: [] })
  assert.equal(homes.present, global)
  disk.install('global', '1.1.0')
  assert.throws(
    () => homes.next(places),
    /global.* is tsgun 1\.1\.0, and this master is tsgun 1\.0\.0; upgrade/,
  )
})
