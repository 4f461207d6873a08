// Runs in a worker: the response to a request that has failed, for the record of its error. Pure.

import type { ServerResponse } from 'node:http'
import type { Answer } from '../model/app.ts'
import { read } from '../model/shapes.ts'

type Response = Pick<ServerResponse, 'headersSent' | 'writableEnded' | 'statusCode'>

/** While the error is being handled: a response that has not begun gets the status of the error. */
export function answerTo(error: unknown, response: Response): Answer {
  const { headersSent, writableEnded, statusCode } = response
  if (!headersSent) return { status: statusOf(error) ?? 500, isCut: false }
  return { status: statusCode, isCut: !writableEnded }
}

/** The HTTP status of an error, read as finalhandler, Express, Koa and Fastify do. */
export function statusOf(error: unknown): number | undefined {
  return [read(error, 'status'), read(error, 'statusCode')].find(isErrorStatus)
}

const isErrorStatus = (status: unknown): status is number =>
  typeof status === 'number' && status >= 400 && status < 600
