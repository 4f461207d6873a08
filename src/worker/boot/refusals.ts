// Runs in a worker: requests that the server refuses because they are not valid or exceed a limit, as records
// of the error log at `debug`. They come from clients, so there may be any number: ten a second have a record
// of their own.

import { saying } from '../../logging/records/said.ts'
import type { OnRefusal } from '../../serving/validity/validity.ts'
import type { Output } from '../process/output.ts'
import { Bursts } from './bursts.ts'
import type { ErrorResponses } from './error-responses.ts'

export interface RefusalParts {
  readonly level: string
  readonly output: Pick<Output, 'log'>
  readonly responses: Pick<ErrorResponses, 'explain'>
}

export function logRefusals({ level, output, responses }: RefusalParts): OnRefusal {
  const note = level === 'debug' || level === 'trace' ? createNote(output) : undefined
  return (refusal, { remoteAddress, request }) => {
    if (request) responses.explain(request)
    note?.(refusal, { remoteAddress })
  }
}

function createNote({ log }: Pick<Output, 'log'>): OnRefusal {
  const bursts = new Bursts((more) =>
    log().debug(saying('requests_refused', { count: more }), `${more} more requests were refused`),
  )
  return ({ status, reason }, { remoteAddress }) => {
    if (!bursts.admit()) return
    log().debug(
      { remote_addr: remoteAddress, ...saying('request_refused', { status, reason }) },
      `a request was refused with ${status}: ${reason}`,
    )
  }
}
