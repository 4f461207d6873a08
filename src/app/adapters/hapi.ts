// Runs in a worker: the adapter for hapi, which is initialized and served by its listener. It responds to
// errors itself; its events report them.

import type { Adapted } from '../model/adapted.ts'
import { type HapiLike, isRequest, isResponse, read } from '../model/shapes.ts'
import type { Failures } from '../requests/failures.ts'
import { listenersOf } from './listeners.ts'

export async function adaptHapi(app: HapiLike, failures: Failures): Promise<Adapted> {
  app.events.on({ name: 'request', channels: 'error' }, (request, event) => {
    const [incoming, response] = [read(read(request, 'raw'), 'req'), read(read(request, 'raw'), 'res')]
    if (isRequest(incoming) && isResponse(response)) failures.follow(read(event, 'error'), incoming, response)
  })
  await app.initialize()
  const { listener } = app
  return {
    handle: listenersOf(listener, 'request', failures),
    server: listener,
    listen: () => app.start(),
    close: () => app.stop(),
  }
}
