// The time from the command to the first 200, and the memory after it, with an Express app and two workers.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../helpers/tsgun.ts'
import { timeToFirstResponse } from './first-response.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, proportionalSetSize, spawnIn, startBaseline, startTsgun, type Server } from './servers.ts'

const run = promisify(execFile)

const rounds = 7
const bin = join(repository, 'bin/tsgun.js')

type Words = (port: number) => readonly string[]

const single: Words = () => [join(apps, 'single.js')]
const cluster: Words = () => [join(apps, 'cluster.js'), join(apps, 'site.js'), '2']
const tsgun: Words = (port) => [bin, '-c', 'start.config.ts', '-b', `127.0.0.1:${port}`]

export async function startTimes(): Promise<Row[]> {
  const facts = { name: 'command to first 200, TypeScript config and app, 2 workers', unit: 'ms' }
  await timeOfStart(tsgun)
  return [
    rowOf(
      { ...facts, baseline: 'node app.js, JavaScript', goal: 'smaller is better' },
      await startRounds(single),
    ),
    rowOf(
      { ...facts, baseline: 'node:cluster, JavaScript, 2 workers', goal: 'smaller is better' },
      await startRounds(cluster),
    ),
    rowOf(
      { name: 'tsgun --help', unit: 'ms', baseline: 'node -e 0', goal: 'smaller is better' },
      await inTurns(rounds, { tsgun: () => timeOf(bin, '--help'), other: () => timeOf('-e', '0') }),
    ),
  ]
}

/** Milliseconds until the process has exited. */
async function timeOf(...words: readonly string[]): Promise<number> {
  const startedAt = performance.now()
  await run(process.execPath, words)
  return performance.now() - startedAt
}

function startRounds(other: Words): ReturnType<typeof inTurns> {
  return inTurns(rounds, { tsgun: () => timeOfStart(tsgun), other: () => timeOfStart(other) })
}

function timeOfStart(words: Words): Promise<number> {
  return timeToFirstResponse((port, environment) => spawnIn(apps, words(port), environment))
}

export async function memory(): Promise<Row[]> {
  const facts = { name: 'memory (sum of PSS) after 4,000 requests, 2 workers', unit: 'MB' }
  const ours = await memoryOf(() => startTsgun({ app: './site.ts:app', workers: 2 }))
  const one = await memoryOf(() => startBaseline('single.js'))
  const two = await memoryOf(() => startBaseline('cluster.js', join(apps, 'site.js'), '2'))
  return [
    rowOf({ ...facts, baseline: 'node app.js, one process', goal: 'smaller is better' }, [
      { tsgun: ours, other: one },
    ]),
    rowOf({ ...facts, baseline: 'node:cluster, 2 workers', goal: 'smaller is better' }, [
      { tsgun: ours, other: two },
    ]),
  ]
}

async function memoryOf(start: () => Promise<Server>): Promise<number> {
  const server = await start()
  await run('ab', ['-q', '-n', '4000', '-c', '16', `${server.url}/`])
  const bytes = proportionalSetSize(server.pid)
  await server.stop()
  return bytes / 1_048_576
}
