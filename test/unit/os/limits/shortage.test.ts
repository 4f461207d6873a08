// The messages for resources that are used up, and the kernel's count of OOM kills.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { countOomKills, OomKillMonitor } from '../../../../src/os/limits/oom-kills.ts'
import { loadingShortageOf, shortageOf } from '../../../../src/os/limits/shortage.ts'

const failed = (code: string): Error => Object.assign(new Error(`spawn ${code}`), { code })

test('each shortage has a message with its code, the resource and a remedy; other errors have none', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN'])
    assert.match(shortageOf(failed(code), 'spawn') ?? '', new RegExp(`^.{15,} \\(${code}\\): .{10,}$`))
  assert.match(shortageOf(failed('EMFILE'), 'accept') ?? '', /ulimit -n, or LimitNOFILE=/)
  assert.match(shortageOf(failed('EAGAIN'), 'spawn') ?? '', /pids\.max/)
  for (const code of ['ENOENT', 'toString']) assert.equal(shortageOf(failed(code), 'spawn'), undefined)
  assert.equal(shortageOf(new Error('no code'), 'accept'), undefined)
})

test(
  'OOM kills are counted in the cgroup of the process, v1 or v2, also where a container mounts it as ' +
    'root',
  (t) => {
    const root = mkdtempSync(join(tmpdir(), 'tsgun-cgroup-'))
    t.after(() => rmSync(root, { recursive: true }))
    const own = join(root, 'own')
    mkdirSync(join(root, 'a/b'), { recursive: true })
    mkdirSync(join(root, 'memory/c'), { recursive: true })
    writeFileSync(own, '0::/a/b\n')
    assert.equal(countOomKills(root, own), undefined)
    writeFileSync(join(root, 'memory.events'), 'oom 9\noom_kill 1\n')
    assert.equal(countOomKills(root, own), 1)
    writeFileSync(join(root, 'a/b/memory.events'), 'oom 9\noom_kill 2\noom_group_kill 7\n')
    assert.equal(countOomKills(root, own), 2)
    writeFileSync(own, '9:memory:/c\n0::/x\n')
    rmSync(join(root, 'memory.events'))
    writeFileSync(join(root, 'memory/c/memory.oom_control'), 'under_oom 0\noom_kill 3\n')
    assert.equal(countOomKills(root, own), 3)
  },
)

test('OomKillMonitor reports a kill once for each increase of the count', () => {
  const counts = [4, 4, 5, 5, undefined, 6]
  const monitor = new OomKillMonitor(() => counts.shift())
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => monitor.hasKilled()),
    [false, true, false, false, false],
  )
})

test('a thread that cannot start names the limit that Node reports as a message', () => {
  const error = Object.assign(new Error('EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' })
  assert.match(loadingShortageOf(error) ?? '', /limit of processes and threads is reached \(EAGAIN\): raise/)
  assert.equal(loadingShortageOf(Object.assign(new Error('EAGAIN'), { code: 'EAGAIN' })), undefined)
})
