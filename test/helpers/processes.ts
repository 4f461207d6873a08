// Signals to processes, and what /proc says about them.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * kill(2), but never of pid 0, which would be the whole process group of the test run; a negative number is
 * a group.
 */
export function killProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  assert.ok(Number.isInteger(pid) && Math.abs(pid) > 1, `no process to send ${signal} to: ${pid}`)
  process.kill(pid, signal)
}

/** For a process that may exit by itself at this moment. */
export function killIfRunning(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    killProcess(pid, signal)
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH')
  }
}

/** Returns every living process of a process group. */
export function groupMembers(group: number): number[] {
  return processes()
    .filter(({ pgrp, state }) => pgrp === group && state !== 'Z')
    .map(({ pid }) => pid)
}

export function childrenOf(parent: number): number[] {
  return processes()
    .filter(({ ppid, state }) => ppid === parent && state !== 'Z')
    .map(({ pid }) => pid)
}

/** Returns the title of a process of tsgun, or its command; empty when it has ended. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return '' // it has ended
  }
}

interface ProcessStat {
  readonly pid: number
  readonly ppid: number
  readonly pgrp: number
  readonly state: string
}

function processes(): ProcessStat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const [state = '', ppid, pgrp] = readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')
        return [{ pid: Number(name), state, ppid: Number(ppid), pgrp: Number(pgrp) }]
      } catch {
        return [] // it exited while the list was read
      }
    })
}

/** Returns the resident bytes of a process (proc(5), /proc/PID/status). */
export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
}

export function isAlive(pid: number): boolean {
  return processes().some((entry) => entry.pid === pid && entry.state !== 'Z')
}

/** Returns a field of proc(5), /proc/PID/stat, by its number there: 4 is the parent, 6 the session. */
export function statField(pid: number, field: number): number {
  const rest = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')
  return Number(rest.split(' ')[field - 3])
}

/** Returns the processor ticks that a process has used, 100 per second. */
export function processorTicks(pid: number): number {
  return statField(pid, 14) + statField(pid, 15)
}
