// A server in a container: with a /dev/shm of 64 MB, a quota of processor time, a limit of memory, and
// perhaps without system calls.

import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { container, noContainer as skip } from '../helpers/container.ts'
import { ask } from '../helpers/http.ts'
import { sharedBytes, withoutKoffi } from '../helpers/preload.ts'
import { createProject, launch, startServer, type Cleaner, type Project } from '../helpers/tsgun.ts'

const megabyte = 2 ** 20
const tableSize = 96 * megabyte
const limits = { cpus: 1, memory: 512 * megabyte }

/** `size`: of what preload() returns, in bytes. */
function containedProject(t: Cleaner, size = tableSize): Project {
  return createProject(t, {
    'app.js': `import { readFileSync } from 'node:fs'
      import { shared, task } from 'tsgun'
      const work = task('work')
      export async function preload({ file }) {
        return { table: Buffer.alloc(${size}, ${size === tableSize ? 7 : 0}), file: await file(Buffer.from('a file')) }
      }
      export default async (req, res) => {
        const { table, file } = shared()
        const seen = { sum: table.at(0) + table.at(-1), length: table.length, file: readFileSync(file.path, 'utf8') }
        res.end(JSON.stringify({ seen, cpus: process.env.TSGUN_CPUS, task: await work.run(5) }))
      }\n`,
    'work.task.js': `import { shared } from 'tsgun'
      let sum = 0
      export default {
        load({ cpus }) {
          for (let at = 0; at < shared().table.length; at += 4096) sum += shared().table[at]
          return cpus
        },
        run: (input, { model: cpus }) => ({ sum, cpus, pid: process.pid, output: input + 1 }),
      }\n`,
    'server.config.js': `export default { app: './app.js', bind: '127.0.0.1:0', workers: 'auto',
      post_fork: (server, { cpus, task }) => console.log('post_fork ' + task + ' ' + cpus),
      tasks: { work: { module: './work.task.js' } } }\n`,
  })
}

interface Seen {
  readonly task: { readonly pid: number }
}

/** What the app responds, when its preload() and its task work. */
const expected = {
  seen: { sum: 14, length: tableSize, file: 'a file' },
  cpus: '1',
  task: { sum: (7 * tableSize) / 4096, cpus: 1, output: 6 },
}

for (const [name, hasKoffi] of [
  ['with koffi, memory is shared', true],
  ['without koffi, each process has a copy, and the log says so', false],
] as const)
  test(`in a container workers and tasks follow the quota; ${name}`, { skip }, async (t) => {
    const project = containedProject(t)
    const environment = hasKoffi ? {} : { NODE_OPTIONS: withoutKoffi(project) }
    const server = await startServer(project, { limit: container(project, limits), environment })
    assert.ok(
      availableParallelism() > 1 || t.diagnostic('one processor: the quota changes nothing') === undefined,
    )
    assert.match(server.stderr, /with 1 worker of class async and \d task process.* cpus=\d.* task_cpus=1 /)
    await server.says(/post_fork null 1/)
    await server.says(/post_fork work 1/)
    const body = JSON.parse((await ask(server.url)).body) as Seen
    const { pid } = body.task
    assert.deepEqual(body, { ...expected, task: { ...expected.task, pid } })
    if (hasKoffi) {
      assert.ok(sharedBytes(pid) >= tableSize)
      assert.doesNotMatch(server.stderr, /WARN/)
    } else {
      assert.equal(sharedBytes(pid), 0)
      assert.match(server.stderr, /WARN.*every process has a copy of 96 MB, because .*no koffi here/)
    }
    await server.stop()
  })

test(
  'in a container a preload() that needs more than its limit of memory is refused',
  { skip },
  async (t) => {
    const project = containedProject(t, 600 * megabyte)
    const server = launch(project, { limit: container(project, limits) })
    assert.deepEqual(await server.exit(), { code: 3, signal: null }, server.report())
    assert.match(
      server.stderr,
      /preload\(\) of .*app\.js failed: 600\.\d MB of memory are wanted, and \d+\.\d MB are free/,
    )
  },
)
