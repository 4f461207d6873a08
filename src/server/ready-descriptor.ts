// Reports to the process that started the server that it serves: one line of JSON on the descriptor that
// TSGUN_READY_FD names.

import { closeSync, fstatSync, writeSync } from 'node:fs'
import { ConfigError } from '../config/problems/problem.ts'
import { environmentNames } from '../ipc/environment.ts'

/** Undefined when the variable is not set. Throws a ConfigError when it does not name an open descriptor. */
export function readyDescriptor(environment: NodeJS.ProcessEnv): number | undefined {
  const name = environmentNames.readyFd
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  if (/^\d{1,6}$/.test(text) && isOpen(Number(text))) return Number(text)
  const message = `expected the number of an open descriptor; got ${JSON.stringify(text)}`
  throw new ConfigError([{ where: 'environment', name, message }])
}

/** Returns what went wrong, if anything did: a reader that has exited is no reason to stop serving. */
export function announce(fd: number, line: string): string | undefined {
  try {
    writeSync(fd, line)
    if (fd > 2) closeSync(fd) // so that a reader sees its end too
    return undefined
  } catch (error) {
    return `cannot write to the descriptor ${fd} of ${environmentNames.readyFd}: ${String(error)}`
  }
}

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false // EBADF
  }
}
