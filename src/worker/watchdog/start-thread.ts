// Runs in the main thread of a worker: starts the watchdog thread, which waits for its orders.

import { Worker } from 'node:worker_threads'
import { ownUrl } from '../../os/own-code.ts'

/** MiB. The thread uses far less, except while it reads the stack of an app with many files. */
const limits = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 }

/**
 * Posting WatchOrders to the thread begins its work. Throws when there can be none, for example with
 * --permission without --allow-worker.
 */
export function startWatchdogThread(): Worker {
  // Its environment is empty: NODE_OPTIONS of the app are not for it.
  const thread = new Worker(ownUrl('worker/watchdog/thread'), {
    execArgv: [],
    env: {},
    resourceLimits: limits,
  })
  thread.unref()
  return thread
}
