// Runs in a process of its own, for a moment: starts the new master of an upgrade and ends. So the new master
// becomes a child of systemd, which waits for the end of its main process only if it is its own child
// (pid_is_my_child in systemd's service.c).

import { spawn } from 'node:child_process'
import { writeSync } from 'node:fs'

/** What is to be started; one argument, as JSON. */
export interface Fostered {
  readonly executable: string
  readonly program: string
  readonly words: readonly string[]
  /**
   * How many descriptors it gets, from 0 on. The next one after them is for the answer: one line of JSON, `{
   * pid }` or `{ failed }`.
   */
  readonly descriptors: number
  readonly detached: boolean
}

function foster({ executable, program, words, descriptors, detached }: Fostered): void {
  const answer = (word: object): void => void writeSync(descriptors, `${JSON.stringify(word)}\n`)
  const stdio = Array.from({ length: descriptors }, (_, fd) => fd)
  const child = spawn(executable, words, { argv0: program, stdio, detached })
  child.once('error', (error) => answer({ failed: error.message }))
  if (child.pid !== undefined) answer({ pid: child.pid })
  child.unref()
}

foster(JSON.parse(process.argv[2] ?? '') as Fostered) // written by spawn-master.ts of this very version
