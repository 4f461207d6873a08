// Runs in the process of a service with `run` and `lock`: connects the lock with what ends this process when
// the lock cannot be renewed: its watchdog thread, also when the event loop is blocked, and the arbiter, also
// when the process is stopped.

import type { RemoteLock } from '../../config/sources/service-plans.ts'
import { log } from '../../logging/records/app-log.ts'
import { backgroundClock, machineNow } from '../../os/system/clock.ts'
import { Lease } from '../../services/lock/lease.ts'
import { openRedisStore, type RedisLibrary } from '../../services/lock/redis-store.ts'
import type { RunnerOptions } from '../../services/runner.ts'
import type { BootContext } from './context.ts'
import { packagesOf } from './user-packages.ts'

/**
 * The part of its time by which the arbiter comes after the watchdog thread: that one can say why, and needs
 * a moment. Both come before the lock ends.
 */
const arbiterLater = 0.05

type Ends = Pick<BootContext, 'watch' | 'reportLease' | 'reportRunning' | 'message' | 'system'>

export async function createLease(
  { watch, reportLease, reportRunning, message, system }: Ends,
  remote: RemoteLock,
): Promise<NonNullable<RunnerOptions['lease']>> {
  const needed = 'the part `lock` of a service needs the package redis'
  // of the version in the peer dependencies
  const library = (await packagesOf({ message, system })('redis', needed)) as RedisLibrary
  const store = openRedisStore(library, remote)
  const name = message.service?.name ?? ''
  return (onLost) =>
    new Lease({
      store,
      clock: backgroundClock,
      time: remote.time,
      onDeadline: (at) => {
        const until = at === Infinity ? at : machineNow() + at - backgroundClock.now()
        watch.endAt(until)
        reportLease(until === Infinity ? null : until + remote.time * arbiterLater)
      },
      onLost,
      onWaiting: (reason) => {
        log.info(`the service ${name} waits for its lock ${remote.key}: ${reason}`)
        reportRunning() // in standby it is as it should be
      },
    })
}
