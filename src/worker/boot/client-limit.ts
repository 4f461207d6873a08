// Runs in a worker: the setting `max_connections_per_ip`, and what the error log says of the connections that
// exceed it: the first one, then a count each minute.

import type { BootMessage, WorkerMessage } from '../../ipc/messages.ts'
import { saying } from '../../logging/records/said.ts'
import { ClientLimit } from '../../serving/accept/client-limit.ts'
import { TrustedAddresses } from '../../serving/forwarded/trusted-addresses.ts'
import type { Output } from '../process/output.ts'
import { Bursts, rare } from './bursts.ts'

/** Returns undefined when the connections of a client are not limited. */
export function createClientLimit(
  { settings }: Pick<BootMessage, 'settings'>,
  { log }: Pick<Output, 'log'>,
  send: (message: WorkerMessage) => void,
): ClientLimit | undefined {
  const { max_connections_per_ip: limit } = settings
  if (limit === 0) return undefined
  const proxies = new TrustedAddresses(settings.forwarded_allow_ips)
  const bursts = new Bursts(
    (more) =>
      log().warn(
        saying('clients_refused', { count: more }),
        `${more} more connections over max_connections_per_ip were closed`,
      ),
    rare,
  )
  return new ClientLimit({
    limit,
    isProxy: (address) => proxies.has(address),
    report: (changes) => send({ type: 'clients', changes }),
    onRefused: (address) =>
      bursts.admit() &&
      log().warn(
        { remote_addr: address, ...saying('client_refused', { limit }) },
        `a connection was closed: its client has ${limit} already (max_connections_per_ip)`,
      ),
  })
}
