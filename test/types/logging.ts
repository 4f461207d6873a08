// How an app uses its log and its requests. Compiled by test/package/types.test.ts, never run.

import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { defineConfig, log, requestId, requestLog, type Logger } from 'tsgun'

export const config = defineConfig({ log_redact: ['password', '*.token'] })
export const censored = defineConfig({ log_redact: { paths: ['password'], censor: '***', remove: false } })

const logger: Logger = log.child({ module: 'db' }, { level: 'debug' })
logger.info({ order: 17 }, 'paid %s', 'twice')
log.level = 'warn'

export default (req: IncomingMessage, res: ServerResponse): void => {
  const id: string = req.id
  req.log.child({ step: 1 }).warn({ err: new Error(id) }, 'slow')
  req.id = 'own'
  req.log = log
  res.end(requestId(req) ?? '')
}

export const fetchApp = {
  fetch(request: Request): Response {
    requestLog(request).info('asked')
    return new Response(requestId(request))
  },
}

const expressApp = express()
expressApp.use((req, _res, next) => {
  requestLog(req).info(req.id.toUpperCase())
  req.log.info('asked')
  next()
})

const fastifyApp = fastify({ loggerInstance: log, genReqId: (req) => req.id })
fastifyApp.get('/', (request) => {
  request.log.info('asked')
  return requestId(request.raw) ?? request.raw.id
})

new Hono().get('/', (c) => {
  requestLog(c.req.raw).info('asked')
  return c.text(requestId(c.req.raw) ?? '')
})

// @ts-expect-error -- pino has no such level
log.level = 5
// @ts-expect-error -- a logger cannot be replaced by something else
export const wrong = (req: IncomingMessage): void => void (req.log = console)
// @ts-expect-error -- an id is a string
export const number = (req: IncomingMessage): void => void (req.id = 5)
// @ts-expect-error -- a request is required
requestLog('a request')
// @ts-expect-error -- functions cannot be sent to a worker
defineConfig({ log_redact: { paths: ['a'], censor: () => 'x' } })

export const signalled = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
  const response = await fetch('http://127.0.0.1/', { signal: req.signal })
  req.signal = AbortSignal.any([req.signal])
  res.end(await response.text())
}
