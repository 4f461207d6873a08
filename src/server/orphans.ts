// Runs in the arbiter, as the first process of a container: connects the reaper of orphans to the process.

import type { Emit } from '../arbiter/model/events.ts'
import { hasCode } from '../os/error-code.ts'
import { messageOf } from '../os/error-message.ts'
import { OrphanReaper } from '../os/process/orphan-reaper.ts'
import { backgroundClock } from '../os/system/clock.ts'
import { findZombies, loadReap, type Reap, type Zombie } from '../os/system/zombies.ts'

/** Returns a function that ends it. Where it is not possible the log has a warning. */
export function reapOrphans(process: Pick<NodeJS.Process, 'on' | 'off'>, emit: Emit): () => void {
  const reap = availableReap()
  if (reap instanceof Error) {
    const message =
      'processes of the app that outlive their parent stay as zombies, because the master is the first ' +
      `process of a container (pid 1) and cannot reap them: ${reap.message}; start the container with an ` +
      'init (docker run --init)'
    emit({ type: 'warning', message })
    return () => undefined
  }
  const reaper = new OrphanReaper({ clock: backgroundClock, findZombies: look, reap, nextTurn: setImmediate })
  const onExit = (): void => reaper.wake()
  process.on('SIGCHLD', onExit)
  return () => {
    process.off('SIGCHLD', onExit)
    reaper.stop()
  }
}

function availableReap(): Reap | Error {
  try {
    look()
    return loadReap()
  } catch (error) {
    return new Error(messageOf(error), { cause: error })
  }
}

/** With too few descriptors it sees none, and looks again later. */
function look(): readonly Zombie[] {
  try {
    return findZombies()
  } catch (error) {
    if (hasCode(error, 'EMFILE', 'ENFILE')) return []
    throw error
  }
}
