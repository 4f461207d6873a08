// Runs in a worker, only with a worker class of the user: how that class passes a request to the app.

import { AsyncResource } from 'node:async_hooks'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

/** What the class gets as `next`. */
export class Next {
  readonly #app: RequestHandler
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #context = new AsyncResource('tsgun.next')
  /** Whether `request` of the class has not returned yet. */
  isDirect = true
  #called = false

  constructor(app: RequestHandler, request: IncomingMessage, response: ServerResponse) {
    this.#app = app
    this.#request = request
    this.#response = response
  }

  readonly call = (): unknown => {
    const [request, response] = [this.#request, this.#response]
    if (this.#called || response.destroyed || response.writableEnded) return undefined
    this.#called = true
    if (this.isDirect) return this.#app(request, response)
    // The class may call it in the middle of another request; the app runs in the context of its own one.
    return this.#context.runInAsyncScope(this.#app, undefined, request, response)
  }
}
