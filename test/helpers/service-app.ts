// Services for tests: a module of which only one process may run, which finds out when two do.

import assert from 'node:assert/strict'
import type { Project } from './tsgun.ts'

/**
 * Writes a line when it begins and one when it ends. Each process takes the file `only.txt`, with its pid,
 * and says so when another one that lives has it.
 */
export const onlyModule = `
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
const note = (text) => appendFileSync('ran.txt', text + ' ' + process.pid + '\\n')
const isAlive = (pid) => {
  try {
    return readFileSync('/proc/' + pid + '/stat', 'utf8').split(') ')[1][0] !== 'Z'
  } catch {
    return false
  }
}
const owner = () => {
  try {
    return Number(readFileSync('only.txt', 'utf8'))
  } catch {
    return 0
  }
}
export async function start({ signal }) {
  const other = owner()
  if (other !== 0 && isAlive(other)) note('VIOLATION ' + other)
  writeFileSync('only.txt', String(process.pid))
  note('begins')
  while (!signal.aborted) {
    await wait(20, undefined, { signal }).catch(() => undefined)
    if (owner() !== process.pid) note('VIOLATION')
  }
  note('ends')
}
`

/** The processes that have begun, in their order. Fails when two have run at once. */
export function ranAlone(project: Project): readonly number[] {
  const lines = project.read('ran.txt').trim().split('\n')
  assert.deepEqual(
    lines.filter((line) => line.includes('VIOLATION')),
    [],
    lines.join('\n'),
  )
  return lines.filter((line) => line.startsWith('begins')).map((line) => Number(line.split(' ')[1]))
}
