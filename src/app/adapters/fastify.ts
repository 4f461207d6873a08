// Fastify, in a worker: booted with ready(), then called through its router. Fastify answers its errors by
// itself; two hooks tell them to the error log. An error that the user's own error handler turns into a 4xx
// is not told.

import { subscribe } from 'node:diagnostics_channel'
import { finished } from 'node:stream'
import type { RequestHandler, UpgradeHandler } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { type FastifyLike, hasMethods, isRequest, isResponse, read } from '../model/recognise.ts'
import { upgradesOf } from '../requests/upgrades.ts'

interface AdaptedFastify {
  readonly handle: RequestHandler
  readonly upgrade: UpgradeHandler | undefined
  readonly close: () => unknown
}

/** Hands over the app's router; boots the app first. */
export async function adaptFastify(app: FastifyLike, failures: Failures): Promise<AdaptedFastify> {
  followErrors(app, failures)
  await app.ready()
  return { handle: app.routing, upgrade: upgradesOf(app.server), close: () => app.close() }
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
  // An error of a stream after the head reaches no onError hook: Fastify writes it to its own log and cuts
  // the connection.
  app.addHook('onSend', (request, reply, payload, done) => {
    if (isStream(payload)) finished(payload, (error) => error && follow(error, request, reply))
    done()
  })
}

/**
 * What Fastify answers to a hook that comes after ready(): its own refusal, or Avvio's in the moment before
 * that.
 */
const refusals: ReadonlySet<unknown> = new Set([
  'FST_ERR_INSTANCE_ALREADY_LISTENING',
  'AVV_ERR_ROOT_PLG_BOOTED',
])

/**
 * The way for an app that takes no hooks any more: Fastify publishes the errors of its handlers, at some cost
 * for each request.
 */
function followChannel(follow: Follow): void {
  subscribe('tracing:fastify.request.handler:error', (message) => {
    follow(read(message, 'error'), read(message, 'request'), read(message, 'reply'))
  })
}

const isStream = (payload: unknown): payload is NodeJS.ReadableStream =>
  hasMethods(payload, 'pipe') || hasMethods(payload, 'getReader')
