// Runs in a worker: requests that the server refuses because they are not valid or exceed a limit, as records
// of the error log at `debug`. They come from clients, so there may be any number: ten a second have a record
// of their own.

import { saying } from '../../logging/records/said.ts'
import type { OnRefusal } from '../../serving/validity/validity.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'

/** Returns undefined when the log does not have these records. */
export function logRefusals(level: string, { log }: Pick<Output, 'log'>): OnRefusal | undefined {
  if (level !== 'debug' && level !== 'trace') return undefined
  const bursts = new Bursts((more) =>
    log().debug(saying('requests_refused', { count: more }), `${more} more requests were refused`),
  )
  return ({ status, reason }, address) => {
    if (!bursts.admit()) return
    log().debug(
      { remote_addr: address, ...saying('request_refused', { status, reason }) },
      `a request was refused with ${status}: ${reason}`,
    )
  }
}
