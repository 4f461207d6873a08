// The executable file of `tsgun build` with each version of Node.js, in an empty directory, with an empty
// PATH.

import { test } from 'node:test'
import { build, buildProject, expectCommands, expectServes, place, startBuilt } from '../helpers/built.ts'
import { binaryOf, nodeLines } from '../matrix/binaries.ts'

for (const line of nodeLines)
  test(`an executable of Node.js ${line} serves with nothing but itself`, async (t) => {
    const project = buildProject(t)
    await build(project, ['--outfile', 'shop'], binaryOf(line))
    const executable = place(project, 'shop')
    const launched = await startBuilt(project, executable)
    await expectServes(launched, project.path('target'))
    await expectCommands(project, executable)
    launched.signal('SIGTERM')
    await launched.exit()
  })
