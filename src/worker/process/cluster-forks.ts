// Runs in a worker: an app that calls cluster.fork(), as it did under `node`, would start copies of a worker
// that wait for orders for ever. It gets a worker that never comes online, and the log says why.

import { interceptFork } from '../../os/process/intercept-fork.ts'
import { isObject } from '../../os/type-checks.ts'

/** Calls `warn` for the first copy only. Other programs that cluster starts (`setupPrimary`) are started. */
export function refuseClusterForks(program: string | undefined, warn: (message: string) => void): void {
  let isKnown = false
  interceptFork(({ file, options }) => {
    const isCopy = isObject(options['env']) && 'NODE_UNIQUE_ID' in options['env'] && file === program
    if (!isCopy) return options
    if (!isKnown) warn(message)
    isKnown = true
    return 'refuse'
  })
}

const message =
  'the app calls cluster.fork(), which starts nothing here: tsgun starts the processes (`workers`); remove ' +
  'it, and run what its workers do (`cluster.isWorker`) in every process'
