// Runs in the arbiter: the real operating system behind the seams of the deciding classes.

import { closeSync } from 'node:fs'
import type { System } from '../arbiter/model/system.ts'
import { commandStarter } from '../arbiter/pool/process/command-process.ts'
import { CounterRows } from '../arbiter/pool/process/counter-rows.ts'
import { spawnFrom } from '../arbiter/pool/process/early-worker.ts'
import { workerStarter } from '../arbiter/pool/process/worker-process.ts'
import { nextArbiter } from '../arbiter/upgrade/command-line.ts'
import type { UpgradeSystem } from '../arbiter/upgrade/upgrade.ts'
import type { Logs } from '../logging/files/logs.ts'
import { memoryLimit } from '../os/limits/memory-limit.ts'
import { OomKillMonitor } from '../os/limits/oom-kills.ts'
import type { EarlyProcess } from '../os/process/early-process.ts'
import { spawnProcess } from '../os/process/spawn.ts'
import { spawnArbiter, watchLife } from '../os/process/spawn-arbiter.ts'
import { terminalWatch } from '../os/process/terminal.ts'
import { systemClock } from '../os/system/clock.ts'
import type { NativeCalls } from '../os/system/native.ts'
import { openCounters } from '../os/system/shared-counters.ts'
import type { Undo } from './undo.ts'

export interface SystemParts {
  readonly logs: Logs
  /** The process of the first worker, if it runs already. */
  readonly early: EarlyProcess | undefined
  readonly native: NativeCalls | Error
  readonly undo: Undo
}

export function realSystem({ logs, early, native, undo }: SystemParts): System {
  const spawn = early ? spawnFrom(early, native) : spawnProcess
  const counters = early?.options.counters ?? openCounters()
  if (counters !== undefined) undo.add(() => closeSync(counters))
  const oom = new OomKillMonitor()
  return {
    clock: systemClock,
    wall: () => Date.now(),
    random: Math.random,
    startWorker: workerStarter(logs, spawn, counters === undefined ? undefined : new CounterRows(counters)),
    startCommand: commandStarter(logs),
    memoryLimit,
    hasTerminalClosed: terminalWatch(),
    hasOomKill: () => oom.hasKilled(),
  }
}

export const realUpgradeSystem: UpgradeSystem = { findNext: nextArbiter, start: spawnArbiter, watchLife }
