// Runs in the process of a service with `run` and `lock`: connects the lock with what ends this process when
// the lock cannot be renewed: its watchdog thread, also when the event loop is blocked, and the arbiter, also
// when the process is stopped.

import { dirname } from 'node:path'
import type { RemoteLock } from '../../config/sources/service-plans.ts'
import { importFrom } from '../../modules/import-from.ts'
import { log } from '../../logging/records/app-log.ts'
import { backgroundClock, machineNow } from '../../os/system/clock.ts'
import { Lease } from '../../services/lock/lease.ts'
import { loadRedis } from '../../services/lock/load-redis.ts'
import { openRedisStore } from '../../services/lock/redis-store.ts'
import type { RunnerOptions } from '../../services/runner.ts'
import type { BootContext } from './context.ts'

type Ends = Pick<BootContext, 'watch' | 'reportLease' | 'reportRunning' | 'message' | 'system'>

export async function createLease(
  { watch, reportLease, reportRunning, message, system }: Ends,
  remote: RemoteLock,
): Promise<NonNullable<RunnerOptions['lease']>> {
  const { appFile } = message
  const directory = appFile === null ? system.directory() : dirname(appFile)
  const store = openRedisStore(await loadRedis((name) => importFrom(directory, name)), remote)
  const name = message.service?.name ?? ''
  return (onLost) =>
    new Lease({
      store,
      clock: backgroundClock,
      time: remote.time,
      onDeadline: (at) => {
        const until = at === Infinity ? at : machineNow() + at - backgroundClock.now()
        watch.endAt(until)
        reportLease(until === Infinity ? null : until)
      },
      onLost,
      onWaiting: (reason) => {
        log.info(`the service ${name} waits for its lock ${remote.key}: ${reason}`)
        reportRunning() // in standby it is as it should be
      },
    })
}
