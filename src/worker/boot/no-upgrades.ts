// Runs in a worker of a class that serves no WebSockets: says so, once a minute, with what to do.

import type { IncomingMessage } from 'node:http'
import { saying } from '../../logging/records/said.ts'
import type { Output } from '../process/output.ts'
import { Bursts, rare } from './bursts.ts'

export function logNoUpgrades({ log }: Pick<Output, 'log'>): (request: IncomingMessage) => void {
  const bursts = new Bursts(
    (more) =>
      log().warn(
        saying('upgrades_refused', { count: more }),
        `${more} more upgrades were refused with 501: worker_class is "sync"`,
      ),
    rare,
  )
  return ({ method, url, headers }) => {
    if (!bursts.admit()) return
    log().warn(
      { method, path: url, ...saying('upgrade_refused') },
      `an upgrade to ${headers.upgrade ?? 'another protocol'} was refused with 501: worker_class is ` +
        '"sync", whose workers serve one request at a time; WebSockets need worker_class: "async"',
    )
  }
}
