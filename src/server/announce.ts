// Tells whoever started the server that it serves: one line of JSON on the descriptor that TSGUN_READY_FD
// names.

import { closeSync, fstatSync, writeSync } from 'node:fs'
import { ConfigError } from '../config/problems/problem.ts'
import { environmentNames } from '../ipc/environment.ts'

/** The descriptor, if there is to be one. Throws a ConfigError when the variable names none that is open. */
export function readyDescriptor(environment: NodeJS.ProcessEnv): number | undefined {
  const text = environment[environmentNames.readyFd]
  if (text === undefined || text === '') return undefined
  if (/^\d{1,6}$/.test(text) && isOpen(Number(text))) return Number(text)
  const message = `expected the number of an open descriptor; got ${JSON.stringify(text)}`
  throw new ConfigError([{ where: 'environment', name: environmentNames.readyFd, message }])
}

/** Answers what went wrong, if something did: that nobody reads any more is no reason to stop serving. */
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
    return false // EBADF: that is the answer
  }
}
