// The executable file of `tsgun build` with each version of Node.js, in an empty directory, with an empty
// PATH; also for another user, who unpacks its files where only that user can write.

import assert from 'node:assert/strict'
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { test } from 'node:test'
import { build, buildProject, expectCommands, expectServes, place, startBuilt } from '../helpers/built.ts'
import { binaryOf, nodeLines } from '../matrix/binaries.ts'

const isRoot = process.geteuid?.() === 0
const user = { uid: 65_534, gid: 65_534 }

for (const line of nodeLines)
  test(`an executable of Node.js ${line} serves with nothing but itself`, async (t) => {
    const project = buildProject(t)
    await build(project, ['--outfile', 'shop', '--include', 'pages'], binaryOf(line))
    const executable = place(project, 'shop')
    const launched = await startBuilt(project, executable)
    await expectServes(launched, project.path('target'))
    await expectCommands(project, executable, launched)
    launched.signal('SIGTERM')
    assert.equal((await launched.exit()).code, 0)
    if (!isRoot) return
    // another user
    chmodSync(project.directory, 0o755)
    chmodSync(project.path('tmp'), 0o1777)
    for (const name of ['target', 'private']) {
      mkdirSync(project.path(name), { recursive: true })
      chownSync(project.path(name), user.uid, user.gid)
    }
    const unpacked = project.path('private')
    const other = await startBuilt(project, executable, { user, unpacked })
    await expectServes(other, project.path('target'))
    const [name = ''] = readdirSync(unpacked)
    const { mode, uid } = statSync(`${unpacked}/${name}`)
    assert.deepEqual([mode & 0o777, uid], [0o700, user.uid])
  })
