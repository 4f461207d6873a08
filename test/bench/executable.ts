// The executable file of `tsgun build`: its size beside that of Node.js, and its start beside `tsgun` and the
// same app under node. The first start, which unpacks its files, is measured by itself.

import { execFile, spawn } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repository } from '../helpers/tsgun.ts'
import { timeToFirstResponse } from './first-response.ts'
import { inTurns, rowOf, type Row } from './row.ts'
import { apps, temporaryFile } from './servers.ts'

const run = promisify(execFile)
const rounds = 7
const goal = 'smaller is better'
const bin = join(repository, 'bin/tsgun.js')

type Words = (port: number) => readonly string[]

export async function executable(): Promise<readonly Row[]> {
  const file = temporaryFile('site')
  const unpacked = temporaryFile('unpacked')
  mkdirSync(unpacked)
  await run(process.execPath, [bin, 'build', '-c', 'start.config.ts', '--outfile', file], { cwd: apps })
  const bind: Words = (port) => ['-b', `127.0.0.1:${port}`]
  const start = (program: string, words: Words): Promise<number> => timeOf(program, words, unpacked)
  const built = (): Promise<number> => start(file, bind)
  const first = (): Promise<number> => {
    rmSync(unpacked, { recursive: true, force: true })
    return built()
  }
  const single = (): Promise<number> => start(process.execPath, () => [join(apps, 'single.js')])
  const command = (): Promise<number> =>
    start(process.execPath, (port) => [bin, '-c', 'start.config.ts', ...bind(port)])
  const name = 'executable to first 200, 2 workers'
  const facts = { unit: 'ms', goal }
  return [
    rowOf({ name: 'size of an executable', unit: 'MB', baseline: 'node', goal }, [
      { tsgun: megabytes(file), other: megabytes(process.execPath) },
    ]),
    rowOf(
      { ...facts, name: `${name}, files unpacked before`, baseline: 'node app.js' },
      await inTurns(rounds, { tsgun: built, other: single }),
    ),
    rowOf(
      { ...facts, name: `${name}, files unpacked before`, baseline: 'tsgun with the same app in TypeScript' },
      await inTurns(rounds, { tsgun: built, other: command }),
    ),
    rowOf(
      { ...facts, name: `${name}, the first start`, baseline: 'node app.js' },
      await inTurns(rounds, { tsgun: first, other: single }),
    ),
  ]
}

function megabytes(file: string): number {
  return statSync(file).size / 1_048_576
}

function timeOf(program: string, words: Words, unpacked: string): Promise<number> {
  return timeToFirstResponse((port, environment) =>
    spawn(program, words(port), {
      cwd: apps,
      env: { ...process.env, ...environment, TSGUN_UNPACK_DIR: unpacked },
      stdio: 'ignore',
    }),
  )
}
