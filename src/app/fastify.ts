// Fastify, in a worker: booted with ready(), then called through its router. Fastify answers its errors by itself; two
// hooks tell them to the error log. An error that the user's own error handler turns into a 4xx is not told.

import { finished } from 'node:stream'
import type { RequestHandler, UpgradeHandler } from './app.ts'
import type { Failures } from './failures.ts'
import type { FastifyLike } from './recognise.ts'
import { hasMethods, isRequest, isResponse, read } from './recognise.ts'
import { upgradesOf } from './upgrades.ts'

interface AdaptedFastify {
  readonly handle: RequestHandler
  readonly upgrade: UpgradeHandler | undefined
  readonly close: () => unknown
}

/** Hands over the app's router; boots the app first. */
export async function adaptFastify(app: FastifyLike, failures: Failures): Promise<AdaptedFastify> {
  addHooks(app, failures)
  await app.ready()
  return { handle: app.routing, upgrade: upgradesOf(app.server), close: () => app.close() }
}

function addHooks(app: FastifyLike, failures: Failures): void {
  const follow = (error: unknown, request: unknown, reply: unknown): void => {
    const [incoming, response] = [read(request, 'raw'), read(reply, 'raw')]
    if (isRequest(incoming) && isResponse(response)) failures.follow(error, incoming, response)
  }
  try {
    app.addHook('onError', (request, reply, error, done) => {
      follow(error, request, reply)
      done()
    })
    // An error of a stream after the head reaches no onError hook: Fastify writes it to its own log and cuts the connection.
    app.addHook('onSend', (request, reply, payload, done) => {
      if (isStream(payload)) finished(payload, (error) => error && follow(error, request, reply))
      done()
    })
  } catch (error) {
    // Fastify refuses hooks once it is ready. Its own logger has the errors of such an app.
    if (read(error, 'code') !== 'FST_ERR_INSTANCE_ALREADY_LISTENING') throw error
  }
}

const isStream = (payload: unknown): payload is NodeJS.ReadableStream =>
  hasMethods(payload, 'pipe') || hasMethods(payload, 'getReader')
