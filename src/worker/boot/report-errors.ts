// Runs in a worker: the records of errors of the app that cost a response: which request, what the client
// got, and the error with the cause behind it; its stack stands below.

import type { Answer, ReportError } from '../../app/model/app.ts'
import { headline } from '../../logging/records/headline.ts'
import { saying } from '../../logging/records/said.ts'
import type { Probe } from '../../serving/requests/probe.ts'
import type { Output } from '../process/output.ts'
import { longestPath } from '../watchdog/requests.ts'

/**
 * Returns a function that logs each error of a request; an error of a health check is reported when the
 * worker gives up.
 */
export function createReport(
  output: Pick<Output, 'log' | 'requests'>,
  probe: Probe | undefined,
): ReportError {
  return (error, request, answer) => {
    if (request && probe?.owns(request)) return probe.noteError(error)
    if (request === undefined)
      return output.log().error({ err: error, ...saying('app_failed') }, `the app failed: ${headline(error)}`)
    const { method = '', url: target = '' } = request
    const [path = ''] = target.split('?', 1)
    const status = answer?.status
    output.log().error(
      {
        err: error,
        ...(path === target ? {} : { path: target }), // its query may be a secret, which log_redact hides
        request_id: output.requests.idOf(request),
        ...saying('request_failed', { method, path, status }),
      },
      `${method} ${shortened(path)} ${result(answer)}: ${headline(error)}`,
    )
  }
}

/** `→ 500`, `→ 200, cut off` */
function result(answer: Answer | undefined): string {
  if (answer === undefined) return 'failed'
  return `→ ${answer.status}${answer.isCut ? ', cut off' : ''}`
}

function shortened(path: string): string {
  return path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
}
