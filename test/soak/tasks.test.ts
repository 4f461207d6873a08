// The long forms of the chaos tests of tasks.

import { test } from 'node:test'
import { killTaskProcesses, leaveQueue, upgradeTasks } from '../helpers/task-chaos.ts'

test('10,000 tasks while random processes are killed: only those that run fail, and nothing is left', async (t) => {
  await killTaskProcesses(t, { count: 10_000, seed: Number(process.env['TSGUN_SEED'] ?? 20_261_130) })
})

test('a thousand calls that wait while their clients leave: none is run', async (t) => {
  await leaveQueue(t, { count: 1000 })
})

test('ten upgrades under load: each worker calls only the tasks of its own master', async (t) => {
  await upgradeTasks(t, { times: 10 })
})
