// Runs in a worker: the response to what is not a valid request, or exceeds a limit. All refusals are the
// same small plain response, and end their connection.

import type { ServerResponse } from 'node:http'
import { plainResponse } from '../syntax/plain-response.ts'

const reasonPhrases = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  414: 'URI Too Long',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
  501: 'Not Implemented',
  505: 'HTTP Version Not Supported',
} as const

export type RefusalStatus = keyof typeof reasonPhrases

export interface Refusal {
  readonly status: RefusalStatus
  /** For the error log: which rule or limit. It has no text of the client. */
  readonly reason: string
}

export const bad = (reason: string): Refusal => ({ status: 400, reason })

/** The body of the response. */
export const bodyOf = (status: RefusalStatus): string => `${status} ${reasonPhrases[status]}\n`

/** Ends the connection with the response; what the client still sends is discarded. */
export function sendRefusal(response: ServerResponse, status: RefusalStatus): void {
  const body = bodyOf(status)
  response
    .writeHead(status, { connection: 'close', 'content-type': 'text/plain', 'content-length': body.length })
    .end(body)
}

/** The whole response, for a connection for which Node has made no response object. */
export const responseOf = (status: RefusalStatus): string =>
  plainResponse({ status, reasonPhrase: reasonPhrases[status], text: bodyOf(status) })
