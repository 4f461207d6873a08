// What the system is out of, in words, and the kernel's count of processes that it has killed for want of
// memory.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { countOomKills, OomWitness } from '../../../../src/os/limits/oom-kills.ts'
import { shortageOf } from '../../../../src/os/limits/shortage.ts'

const failed = (code: string): Error => Object.assign(new Error(`spawn ${code}`), { code })

test('each shortage is told with its code, what is short, and a remedy; other errors are none', () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN'])
    assert.match(shortageOf(failed(code), 'spawn') ?? '', new RegExp(`^.{15,} \\(${code}\\): .{10,}$`))
  assert.match(shortageOf(failed('EMFILE'), 'accept') ?? '', /ulimit -n, or LimitNOFILE=/)
  assert.match(shortageOf(failed('EAGAIN'), 'spawn') ?? '', /pids\.max/)
  for (const code of ['ENOENT', 'toString']) assert.equal(shortageOf(failed(code), 'spawn'), undefined)
  assert.equal(shortageOf(new Error('no code'), 'accept'), undefined)
})

test(
  'OOM kills are counted in the own cgroup of either version, also where a container sees it as the ' +
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

test('a kill is blamed on the kernel once for each time that its count has grown', () => {
  const counts = [4, 4, 5, 5, undefined, 6]
  const witness = new OomWitness(() => counts.shift())
  assert.deepEqual(
    [1, 2, 3, 4, 5].map(() => witness.hasKilled()),
    [false, true, false, false, false],
  )
})
