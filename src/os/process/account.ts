// Runs in the arbiter: the name and the home directory of a user, as the list of users has them (passwd(5)).

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { hasCode } from '../error-code.ts'

export interface Account {
  /** Undefined for an id without an entry in the list of users. */
  readonly name: string | undefined
  readonly home: string
}

/** `name`: of a user, or an id. An id without an entry has the home directory that Docker gives to it. */
export function accountOf(name: string): Account {
  const [found, , , , , home] = passwdEntry(name).trimEnd().split(':')
  return home === undefined ? { name: undefined, home: '/' } : { name: found, home: home === '' ? '/' : home }
}

/** Returns the line of passwd(5); empty without one. getent(1) may not be installed. */
function passwdEntry(name: string): string {
  try {
    return execFileSync('getent', ['passwd', '--', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } catch (error) {
    return hasCode(error, 'ENOENT') ? entryInFile(name) : ''
  }
}

function entryInFile(name: string): string {
  const lines = existsSync('/etc/passwd') ? readFileSync('/etc/passwd', 'utf8').split('\n') : []
  return lines.find((line) => line.split(':')[/^\d+$/.test(name) ? 2 : 0] === name) ?? ''
}
