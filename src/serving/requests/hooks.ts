// Runs in a worker, only when the config has pre_request or post_request: without them they cost nothing.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Worker } from '../../config/hooks/views.ts'
import type { HookRunner } from '../../config/hooks/runner.ts'

export interface RequestHooks {
  /** Returns a promise only if the hook is async; the app gets the request when it has resolved. */
  before(request: IncomingMessage): Promise<void> | undefined
  after(request: IncomingMessage, response: ServerResponse): void
}

/** Returns undefined when the config has neither hook. */
export function createRequestHooks(hooks: HookRunner, worker: Worker): RequestHooks | undefined {
  if (!hooks.has('pre_request') && !hooks.has('post_request')) return undefined
  return {
    before: (request) => hooks.runNow('pre_request', worker, request),
    after: (request, response) => void hooks.runNow('post_request', worker, request, response),
  }
}
