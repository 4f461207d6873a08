// The short forms of the chaos tests of tasks; the long ones are in test/soak.

import { test } from 'node:test'
import { killTaskProcesses, leaveQueue, upgradeTasks } from '../helpers/task-chaos.ts'

test('SIGKILL of task processes under load costs only the tasks that they run, and leaves nothing behind', async (t) => {
  const seed = Number(process.env['TSGUN_SEED'] ?? 1 + Math.floor(Math.random() * 1e6))
  await killTaskProcesses(t, { count: 1200, seed })
})

test('clients that leave take their calls out of the queue: none of them is run', async (t) => {
  await leaveQueue(t, { count: 200 })
})

test('during upgrades each worker calls only the tasks of its own master', async (t) => {
  await upgradeTasks(t, { times: 2 })
})
