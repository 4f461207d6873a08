// Runs in a worker: connections that were closed because of `proxy_protocol`, as records of the error log.
// Anyone who can connect may cause them, so there is at most one record a minute.

import { performance } from 'node:perf_hooks'
import { saying } from '../../logging/records/said.ts'
import type { Refused } from '../../serving/proxy-protocol/receive.ts'
import type { Output } from '../process/output.ts'

/** Milliseconds in which further connections are only counted. */
const silence = 60_000

export function logRefusedProxies(
  { log }: Pick<Output, 'log'>,
  now: () => number = () => performance.now(),
): (refused: Refused, remoteAddress: string) => void {
  let [last, count] = [-Infinity, 0]
  return ({ reason }, address) => {
    count += 1
    if (now() - last < silence) return
    const before = count > 1 ? ` (${count - 1} more since the last message)` : ''
    log().warn(
      { remote_addr: address, ...saying('proxy_refused', { reason }) },
      `a connection from ${address || 'a unix socket'} was closed: ${reason}${before}`,
    )
    last = now()
    count = 0
  }
}
