// Runs in an intermediate process: starts the new arbiter of an upgrade and exits. The new arbiter becomes a
// child of systemd, which waits for the exit of the service's main process only if that is its own child
// (pid_is_my_child in systemd's service.c).

import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'

/** The one argument of the intermediate process, as JSON: what it starts. */
export interface IntermediateTask {
  readonly executable: string
  readonly program: string
  readonly words: readonly string[]
  /**
   * How many descriptors the new process gets, from 0 on. The one after them is for the result: one line of
   * JSON, `{ pid }` or `{ failed }`.
   */
  readonly descriptors: number
  readonly detached: boolean
}

function run({ executable, program, words, descriptors, detached }: IntermediateTask): void {
  const writeResult = (result: object): void => void writeSync(descriptors, `${JSON.stringify(result)}\n`)
  const stdio = Array.from({ length: descriptors }, (_, fd) => fd)
  const child = spawn(executable, words, { argv0: program, stdio, detached })
  child.once('error', (error) => writeResult({ failed: error.message }))
  if (child.pid !== undefined) writeResult({ pid: child.pid })
  child.unref()
}

run(JSON.parse(process.argv[2] ?? '') as IntermediateTask) // written by spawn-arbiter.ts of this version
