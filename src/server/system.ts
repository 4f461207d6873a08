// Runs in the arbiter: the real operating system behind the seams of the deciding classes.

import type { System } from '../arbiter/model/system.ts'
import type { EarlyWorkerParts } from '../arbiter/pool/process/early-worker.ts'
import { workerStarter } from '../arbiter/pool/process/worker-process.ts'
import { nextArbiter } from '../arbiter/upgrade/command-line.ts'
import type { UpgradeSystem } from '../arbiter/upgrade/upgrade.ts'
import type { Logs } from '../logging/files/logs.ts'
import { memoryLimit } from '../os/limits/memory-limit.ts'
import { OomKillMonitor } from '../os/limits/oom-kills.ts'
import { spawnArbiter, watchLife } from '../os/process/spawn-arbiter.ts'
import { terminalWatch } from '../os/process/terminal.ts'
import { systemClock } from '../os/system/clock.ts'

export function realSystem(logs: Logs, early: EarlyWorkerParts | undefined): System {
  const oom = new OomKillMonitor()
  return {
    clock: systemClock,
    random: Math.random,
    startWorker: workerStarter(logs, early),
    memoryLimit,
    hasTerminalClosed: terminalWatch(),
    hasOomKill: () => oom.hasKilled(),
  }
}

export const realUpgradeSystem: UpgradeSystem = { findNext: nextArbiter, start: spawnArbiter, watchLife }
