// Runs in a worker, only when the config has pre_request or post_request: without them no request pays for
// them.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Worker } from '../../config/hooks/views.ts'
import type { HookRunner } from '../../config/hooks/runner.ts'

export interface RequestHooks {
  /** Answers a promise only if the hook is async; the app waits for it. */
  before(request: IncomingMessage): Promise<void> | undefined
  after(request: IncomingMessage, response: ServerResponse): void
}

/** Undefined when there is nothing to call. */
export function createRequestHooks(hooks: HookRunner, worker: Worker): RequestHooks | undefined {
  if (!hooks.has('pre_request') && !hooks.has('post_request')) return undefined
  return {
    before: (request) => hooks.runNow('pre_request', worker, request),
    after: (request, response) => void hooks.runNow('post_request', worker, request, response),
  }
}
