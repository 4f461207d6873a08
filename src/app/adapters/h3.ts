// Runs in a worker: reports the errors of h3 (version 2) through the onError of its config. The onError of
// the user still runs and decides the response.

import type { Failures } from '../requests/failures.ts'
import { type FetchLike, hasMethods, isRequest, isResponse, read } from '../model/shapes.ts'

type OnError = (error: unknown, event: unknown) => unknown

interface H3Like extends FetchLike {
  config: { readonly onError?: OnError }
}

/** Whether it is an h3 app, by the properties of version 2. */
export const isH3 = (app: FetchLike): app is H3Like =>
  hasMethods(app, 'handler') && typeof read(app, 'config') === 'object' && Array.isArray(read(app, '~routes'))

/** Adds an onError that runs before the one of the app. */
export function followH3(app: H3Like, failures: Failures): void {
  const { onError } = app.config
  // A new object: h3 freezes its config, and other apps may share it.
  app.config = {
    ...app.config,
    onError: (error, event) => {
      const node = read(read(read(event, 'req'), 'runtime'), 'node')
      const [request, response] = [read(node, 'req'), read(node, 'res')]
      if (isRequest(request) && isResponse(response)) failures.follow(original(error), request, response)
      else failures.report(original(error))
      return onError?.(error, event)
    },
  }
}

/** h3 wraps any error but its HTTPError in one with `unhandled`. */
const original = (error: unknown): unknown =>
  read(error, 'unhandled') === true ? (read(error, 'cause') ?? error) : error
