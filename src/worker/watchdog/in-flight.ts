// Runs in a worker: the requests in flight, for a process that is about to end: as the log names them, and
// their access lines.

import { executionAsyncId, triggerAsyncId } from 'node:async_hooks'
import { performance } from 'node:perf_hooks'
import type { RequestLogs } from '../../logging/records/request-log.ts'
import type { Serving } from '../../serving/classes/worker-class.ts'
import type { Exchange } from '../../serving/connections/stream.ts'
import { hasLeft } from '../../serving/records/record.ts'
import { describeRequest, describeTask, mostRequests } from './requests.ts'

type Source = Pick<Serving, 'tasks' | 'inFlight' | 'startedIn' | 'logInFlight' | 'load'>

export class InFlight {
  readonly #serving: () => Source | undefined
  readonly #requests: Pick<RequestLogs, 'idOf'>

  /** `serving`: returns undefined before the worker is able to serve. */
  constructor(serving: () => Source | undefined, requests: Pick<RequestLogs, 'idOf'>) {
    this.#serving = serving
    this.#requests = requests
  }

  /** Those in flight, oldest first, and how many more there are. */
  describe(): { readonly requests: readonly string[]; readonly more: number } {
    const serving = this.#serving()
    const tasks = serving?.tasks?.()
    if (tasks !== undefined)
      return {
        requests: tasks.slice(0, mostRequests).map(describeTask),
        more: Math.max(0, tasks.length - mostRequests),
      }
    const all = serving?.inFlight() ?? []
    const unanswered = all.filter(({ response }) => !hasLeft(response))
    const shown = unanswered.slice(0, mostRequests)
    const others = (serving?.load().busy ?? 0) - all.length // of HTTP/2
    return {
      requests: shown.map(this.#describe),
      more: Math.max(0, others) + unanswered.length - shown.length,
    }
  }

  /**
   * Those whose handler has started the callback that runs now, as far as Node knows: a timer or an event has
   * the async id of what has started it, code after an `await` has not.
   */
  describeStarters(): readonly string[] {
    const found = this.#serving()?.startedIn([executionAsyncId(), triggerAsyncId()]) ?? []
    return found.map(this.#describe)
  }

  /** Writes their access lines. */
  log(): void {
    this.#serving()?.logInFlight()
  }

  readonly #describe = ({ response: { req }, startedAt }: Exchange): string =>
    describeRequest({
      method: req.method ?? '',
      path: req.url ?? '',
      age: performance.now() - startedAt,
      id: this.#requests.idOf(req),
    })
}
