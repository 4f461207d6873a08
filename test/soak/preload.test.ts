// preload() of more memory than one system call of Linux transfers, and than a buffer could once be.

import assert from 'node:assert/strict'
import { constants } from 'node:buffer'
import { freemem } from 'node:os'
import { test } from 'node:test'
import { ask } from '../helpers/http.ts'
import { groupMembers } from '../helpers/processes.ts'
import { createProject, startServer } from '../helpers/tsgun.ts'

const gigabyte = 2 ** 30

/** Marks at the beginning, the end, and beside the limits of 32 bits. */
const app = (size: number): string => `import { shared } from 'tsgun'
const marks = [...new Set([0, 2 ** 31 - 1, 2 ** 31, ${size} - 1])].filter((at) => at < ${size})
export function preload() {
  const table = Buffer.alloc(${size})
  for (const [nr, at] of marks.entries()) table[at] = nr + 1
  return { table, marks }
}
const { table } = shared()
export default (req, res) => res.end(JSON.stringify([table.length, ...marks.map((at) => table[at])]))\n`

for (const [name, size, marks] of [
  ['2 GB', 2 * gigabyte, [1, 2]],
  ['4 GB', 4 * gigabyte, [1, 2, 3, 4]],
] as const)
  test(`a buffer of ${name} is shared by all workers`, async (t) => {
    if (size > constants.MAX_LENGTH) return t.skip(`Node.js ${process.version} has no such buffers`)
    if (freemem() < 2 * size + 2 * gigabyte) return t.skip('not enough memory is free')
    const project = createProject(t, { 'app.js': app(size) })
    const words = ['-b', '127.0.0.1:0', '-w', '4', '--boot-timeout', '300', './app.js']
    const server = await startServer(project, { arguments: words })
    const before = freemem()
    const bodies = await Promise.all(Array.from({ length: 16 }, () => ask(server.url)))
    for (const { body } of bodies) assert.deepEqual(JSON.parse(body), [size, ...marks])
    assert.ok(before - freemem() < size, 'not every worker has a copy')
    await server.stop()
    assert.deepEqual(groupMembers(server.pid), [])
    assert.ok(freemem() - before > size / 2, 'the memory is free again')
  })
