// Runs in `tsgun doctor` and `--check-config`: which process has a listening socket, from /proc (proc_net(5),
// proc_pid_fd(5)). Linux only; elsewhere, and for processes of other users, less is known.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

export interface Holder {
  /** Undefined for a process whose descriptors this user may not see. */
  readonly pid: number | undefined
  /** Its command line, or the title that it has set. */
  readonly title: string
}

const unknown: Holder = { pid: undefined, title: '' }

/** Undefined when no process listens on this port, or there is no /proc. */
export function holderOfPort(port: number): Holder | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => rowsOf(file))
  const listening = '0A'
  const inodes = rows
    .filter(([, local, , state]) => local?.endsWith(`:${hex}`) === true && state === listening)
    .flatMap((row) => row[9] ?? [])
  return inodes.length === 0 ? undefined : holderOf(inodes)
}

/** Undefined when no process has this unix socket open. */
export function holderOfPath(path: string): Holder | undefined {
  const inodes = rowsOf('/proc/net/unix')
    .filter((row) => row.slice(7).join(' ') === path)
    .flatMap((row) => row[6] ?? [])
  return inodes.length === 0 ? undefined : holderOf(inodes)
}

/** The command line of a process, or the title that it has set. Undefined when it does not exist. */
export function titleOf(pid: number): string | undefined {
  return readIfPossible(`/proc/${pid}/cmdline`)?.replace(/\0+$/, '').replaceAll('\0', ' ')
}

/** The master of a server shares its sockets with its workers: it is the one to name. */
function holderOf(inodes: readonly string[]): Holder {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`))
  const pids = namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
  const holders = pids
    .filter((pid) => namesIn(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(`/proc/${pid}/fd/${fd}`))))
    .map((pid) => ({ pid, title: titleOf(pid) ?? '' }))
    .sort((a, b) => a.pid - b.pid)
  return holders.find(({ title }) => isMasterTitle(title)) ?? holders[0] ?? unknown
}

export function isMasterTitle(title: string): boolean {
  return title.startsWith('tsgun: master')
}

function rowsOf(file: string): readonly string[][] {
  const lines = readIfPossible(file)?.split('\n').slice(1) ?? []
  return lines.map((line) => line.trim().split(/\s+/))
}

function readIfPossible(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // no /proc, a process that has exited, or one of another user
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return [] // as above
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return '' // the descriptor was closed meanwhile
  }
}
