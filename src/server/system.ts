// Runs in the arbiter: the real operating system behind the seams of the deciding classes.

import type { System } from '../arbiter/model/system.ts'
import { workerStarter } from '../arbiter/pool/process/worker-process.ts'
import { nextArbiter } from '../arbiter/upgrade/command-line.ts'
import type { UpgradeSystem } from '../arbiter/upgrade/upgrade.ts'
import type { Logs } from '../logging/files/logs.ts'
import { memoryLimit } from '../os/limits/memory-limit.ts'
import { OomKillMonitor } from '../os/limits/oom-kills.ts'
import type { spawnProcess } from '../os/process/spawn.ts'
import { spawnArbiter, watchLife } from '../os/process/spawn-arbiter.ts'
import { terminalWatch } from '../os/process/terminal.ts'
import { systemClock } from '../os/system/clock.ts'

/** `spawn`: starts the processes of workers. */
export function realSystem(logs: Logs, spawn: typeof spawnProcess): System {
  const oom = new OomKillMonitor()
  return {
    clock: systemClock,
    random: Math.random,
    startWorker: workerStarter(logs, spawn),
    memoryLimit,
    hasTerminalClosed: terminalWatch(),
    hasOomKill: () => oom.hasKilled(),
  }
}

export const realUpgradeSystem: UpgradeSystem = { findNext: nextArbiter, start: spawnArbiter, watchLife }
