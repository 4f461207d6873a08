// h3's errors (version 2), in a worker, through the onError of its config; one of the user still runs and
// decides the answer.

import type { Failures } from '../requests/failures.ts'
import { type FetchLike, hasMethods, isRequest, isResponse, read } from '../model/recognise.ts'

type OnError = (error: unknown, event: unknown) => unknown

interface H3Like extends FetchLike {
  config: { readonly onError?: OnError }
}

/** Whether it is an app of h3, by the marks of version 2. */
export const isH3 = (app: FetchLike): app is H3Like =>
  hasMethods(app, 'handler') && typeof read(app, 'config') === 'object' && Array.isArray(read(app, '~routes'))

/** Puts an onError of ours before the app's own. */
export function followH3(app: H3Like, failures: Failures): void {
  const { onError } = app.config
  // A new object: h3 freezes the config that it was given, and it may be shared with other apps.
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

/** h3 wraps whatever is not its own HTTPError in one that it calls unhandled. */
const original = (error: unknown): unknown =>
  read(error, 'unhandled') === true ? (read(error, 'cause') ?? error) : error
