// A log on a disk that is full for some time, under load: no request is affected, memory stays bounded, and
// each line is in the file or in the count of lost lines. The short form runs with all tests, the long one
// with `npm run test:soak`.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { Load } from './load.ts'
import { count } from './routes.ts'
import { residentBytes } from './processes.ts'
import { createProject, startServer, type Project, type RunningServer } from './tsgun.ts'

/** Mounts a file system of this size; returns undefined if this user may not mount one. */
export function smallDisk(project: Project, bytes: number): string | undefined {
  const path = project.path('disk')
  mkdirSync(path)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', path], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  project.onEnd(async () => void execFileSync('umount', ['-l', path]))
  return path
}

export function growDisk(path: string, bytes: number): void {
  execFileSync('mount', ['-o', `remount,size=${bytes}`, path])
}

const megabyte = 1_048_576
/** So long that megabytes of lines are offered within a second, also on a slow machine. */
const lineLength = 30_000
/** Responses after which the buffers of all processes are full and their heaps have their usual size. */
const warmUp = 4000
/**
 * A heap may grow by 100 MiB before the garbage collector works hard. A process that kept all lines would
 * grow by at least twice the limit: a worker has about half of the `offered` bytes, the master all.
 */
const growthLimit = 150 * megabyte

/** `offered`: the bytes of access lines while the disk is full. */
export async function fillDisk(t: TestContext, offered = 600 * megabyte): Promise<void> {
  const project = createProject(t, {
    'app.js': `export default (req, res) => res.end('ok')\n`,
    'server.config.ts': `export default { app: './app.js', bind: '127.0.0.1:0', workers: 2,
  accesslog: 'disk/access.log', access_log_format: '%(s)s %(U)s ${'x'.repeat(lineLength)}' }\n`,
  })
  const disk = smallDisk(project, 16 * megabyte)
  if (disk === undefined) return t.skip('only root may mount a small file system')
  const server = await startServer(project)
  const load = new Load(server.url, { kept: 8 })
  t.after(() => load.stop())
  await server.says(/cannot write the log .*access\.log: ENOSPC/)
  await respond(server, load, warmUp)
  const [before, pids] = [residents(server), server.workerPids]
  await respond(server, load, offered / lineLength)
  const growth = residents(server).map((bytes, index) => bytes - (before[index] ?? 0))
  assert.deepEqual(server.workerPids, pids)
  for (const bytes of growth) assert.ok(bytes < growthLimit, `memory has grown by ${growth.join(', ')} bytes`)
  growDisk(disk, 512 * megabyte)
  await server.says(/lines of the access log had to be dropped/)
  await respond(server, load, 200)
  await load.stop()
  await server.stop()
  assert.deepEqual(load.failures, [])
  checkLines(project, server, load.responseCount)
  t.diagnostic(
    `${load.responseCount} responses; memory has grown by ` +
      `${growth.map((bytes) => (bytes / megabyte).toFixed(1)).join(', ')} MiB`,
  )
}

/** Waits for that many more responses; each hundred has a time limit of its own. */
async function respond(server: RunningServer, load: Load, count: number): Promise<void> {
  const end = load.responseCount + count
  while (load.responseCount < end) {
    const next = Math.min(end, load.responseCount + 100)
    await server.until('requests to be served', () => load.responseCount >= next)
  }
}

/** Bytes of memory of the master and of each worker. */
function residents(server: RunningServer): number[] {
  return [server.pid, ...server.workerPids].map(residentBytes)
}

function checkLines(project: Project, server: RunningServer, responseCount: number): void {
  const lines = project.read('disk/access.log').split('\n').slice(0, -1)
  const whole = `200 / ${'x'.repeat(lineLength)}`
  assert.equal(
    lines.findIndex((line) => line !== whole),
    -1,
    'a torn line',
  )
  const reports = [
    ...server.stderr.matchAll(
      /(\d+) lines of the access log had to be dropped|in time log=access lines=(\d+)/g,
    ),
  ]
  const dropped = reports.reduce((sum, [, master, worker]) => sum + Number(master ?? worker), 0)
  assert.ok(dropped > 0)
  assert.equal(lines.length + dropped, responseCount)
  assert.equal(count(server.stderr, /cannot write the log/), 1, 'logged once')
}
