// Runs in a worker: the records of errors of the app that cost a response: which request, what the client
// got, and the error with the cause behind it; its stack stands below.

import type { Answer, ReportError } from '../../app/model/app.ts'
import { headline } from '../../logging/records/headline.ts'
import { saying } from '../../logging/records/said.ts'
import type { Probe } from '../../serving/requests/probe.ts'
import type { Output } from '../process/output.ts'
import type { ErrorResponses } from './error-responses.ts'
import { nameRequest } from './name-request.ts'

export interface ReportParts {
  readonly output: Pick<Output, 'log' | 'requests'>
  readonly probe: Probe | undefined
  readonly responses: Pick<ErrorResponses, 'explain'>
}

/**
 * Returns a function that logs each error of a request; an error of a health check is reported when the
 * worker gives up.
 */
export function createReport({ output, probe, responses }: ReportParts): ReportError {
  const { log, requests } = output
  return (error, request, answer) => {
    if (request === undefined)
      return log().error({ err: error, ...saying('app_failed') }, `the app failed: ${headline(error)}`)
    if (probe?.owns(request)) return probe.noteError(error)
    responses.explain(request)
    const { name, fields, said } = nameRequest(request, requests)
    log().error(
      { err: error, ...fields, ...saying('request_failed', { ...said, status: answer?.status }) },
      `${name} ${result(answer)}: ${headline(error)}`,
    )
  }
}

/** `→ 500`, `→ 200, cut off` */
function result(answer: Answer | undefined): string {
  if (answer === undefined) return 'failed'
  return `→ ${answer.status}${answer.isCut ? ', cut off' : ''}`
}
