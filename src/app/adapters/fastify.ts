// Runs in a worker: the adapter for Fastify, which is booted with ready() and called through its router.
// Fastify responds to errors itself; two hooks report them in the error log, except errors that become a
// 4xx.

import { subscribe } from 'node:diagnostics_channel'
import { finished } from 'node:stream'
import type { Adapted } from '../model/adapted.ts'
import type { Failures } from '../requests/failures.ts'
import { type FastifyLike, hasMethods, isRequest, isResponse, read } from '../model/shapes.ts'
import { listenersOf } from './listeners.ts'

/** Boots the app and resolves to its server, on which the app may have more listeners than its router. */
export async function adaptFastify(app: FastifyLike, failures: Failures): Promise<Adapted> {
  followErrors(app, failures)
  await app.ready()
  const { server } = app
  return {
    handle: listenersOf(server, 'request', failures),
    server,
    listen: (where) => app.listen(where), // runs the hooks `onListen`
    close: () => app.close(),
  }
}

type Follow = (error: unknown, request: unknown, reply: unknown) => void

function followErrors(app: FastifyLike, failures: Failures): void {
  const follow: Follow = (error, request, reply) => {
    const [incoming, response] = [read(request, 'raw'), read(reply, 'raw')]
    if (isRequest(incoming) && isResponse(response)) failures.follow(error, incoming, response)
  }
  try {
    addHooks(app, follow)
  } catch (error) {
    if (!refusals.has(read(error, 'code'))) throw error
    followChannel(follow)
  }
}

function addHooks(app: FastifyLike, follow: Follow): void {
  app.addHook('onError', (request, reply, error, done) => {
    follow(error, request, reply)
    done()
  })
  // A stream error after the headers does not reach onError: Fastify writes it to its own log and closes the
  // connection.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isStream(payload)) finished(payload, (error) => error && follow(error, request, reply))
    done()
  })
}

/** The error codes of addHook() after ready(): of Fastify, or of Avvio shortly before. */
const refusals: ReadonlySet<unknown> = new Set([
  'FST_ERR_INSTANCE_ALREADY_LISTENING',
  'AVV_ERR_ROOT_PLG_BOOTED',
])

/** For an app that accepts no more hooks: Fastify publishes handler errors, at some cost per request. */
function followChannel(follow: Follow): void {
  subscribe('tracing:fastify.request.handler:error', (message) => {
    follow(read(message, 'error'), read(message, 'request'), read(message, 'reply'))
  })
}

const isStream = (payload: unknown): payload is NodeJS.ReadableStream =>
  hasMethods(payload, 'pipe') || hasMethods(payload, 'getReader')
