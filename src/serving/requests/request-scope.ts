// Runs in a worker: which request the present code runs for. Only in a worker that may call tasks: on Node 20
// and 22 each promise costs more with an AsyncLocalStorage.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

export class RequestScope {
  readonly #storage = new AsyncLocalStorage<IncomingMessage>()

  /** Returns a handler whose code, with all that it starts, runs for its request. */
  wrap(handle: RequestHandler): RequestHandler {
    return (request, response) => this.#storage.run(request, handle, request, response)
  }

  /** Undefined for code that runs for no request. */
  current(): IncomingMessage | undefined {
    return this.#storage.getStore()
  }
}
