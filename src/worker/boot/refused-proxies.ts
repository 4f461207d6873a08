// Runs in a worker: connections that were closed because of `proxy_protocol`, as records of the error log.
// Anyone who can connect may cause them: the first one has a record, then there is a count each minute.

import { saying } from '../../logging/records/said.ts'
import type { Refused } from '../../serving/proxy-protocol/receive.ts'
import type { Output } from '../process/output.ts'
import { Bursts, rare } from './bursts.ts'

export function logRefusedProxies({
  log,
}: Pick<Output, 'log'>): (refused: Refused, remoteAddress: string) => void {
  const bursts = new Bursts(
    (more) =>
      log().warn(
        saying('proxies_refused', { count: more }),
        `${more} more connections without a valid PROXY protocol header were closed`,
      ),
    rare,
  )
  return ({ reason }, address) => {
    if (!bursts.admit()) return
    log().warn(
      { remote_addr: address, ...saying('proxy_refused', { reason }) },
      `a connection from ${address || 'a unix socket'} was closed: ${reason}`,
    )
  }
}
