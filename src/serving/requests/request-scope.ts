// Runs in a worker: which request the present code runs for. Only in a worker that may call tasks: on Node 20
// and 22 each promise costs more with an AsyncLocalStorage.

import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { RequestHandler } from '../../app/model/app.ts'

export class RequestScope {
  readonly #storage = new AsyncLocalStorage<IncomingMessage>()

  /** Returns a handler whose code, with all that it starts, runs for its request. */
  wrap(handle: RequestHandler): RequestHandler {
    return (request, response) => {
      if (mayHaveBody(request)) this.#keepInEvents(request)
      return this.#storage.run(request, handle, request, response)
    }
  }

  /**
   * The events of a body belong to the connection, and a handler that goes on in one of them (multer, a plain
   * `req.on('end')`) would run for no request.
   */
  #keepInEvents(request: IncomingMessage): void {
    const { emit } = request
    const storage = this.#storage
    const value = (...words: readonly unknown[]): unknown =>
      storage.run(request, () => Reflect.apply(emit, request, words) as unknown)
    Object.defineProperty(request, 'emit', { value, writable: true, configurable: true, enumerable: false })
  }

  /** Undefined for code that runs for no request. */
  current(): IncomingMessage | undefined {
    return this.#storage.getStore()
  }
}

function mayHaveBody({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD'
}
