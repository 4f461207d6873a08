// Runs in a worker: what a server of HTTP/1 does with a request before hooks and app get it: the check of its
// head, and the count of its body. All that a refusal needs passes through here.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { WriteAccess } from '../records/access.ts'
import { recordInvalid } from '../records/record.ts'
import { peerAddress } from '../records/peer.ts'
import { endWith } from '../connections/end-gently.ts'
import {
  createRequestCheck,
  type CheckRequest,
  type RequestLimits,
  type RequestRules,
} from './check-request.ts'
import { limitBody } from './limit-body.ts'
import { bad, responseOf, sendRefusal, type Refusal } from './refusal.ts'

/** Reports a refusal. `request`: absent when it could not be parsed. */
export type OnRefusal = (
  refusal: Refusal,
  { remoteAddress, request }: { readonly remoteAddress: string; readonly request?: IncomingMessage },
) => void

export interface ValidityParts {
  readonly limits: RequestLimits
  /** Whether a request of HTTP/1.1 needs a Host field. */
  readonly requiresHost: boolean
  readonly isHttp2: RequestRules['isHttp2']
  readonly onRefusal: OnRefusal | undefined
  readonly writeAccess: WriteAccess | undefined
  /** Called for each request that would leave HTTP/1, which is refused then; absent when they are served. */
  readonly onNoUpgrade?: ((request: IncomingMessage) => void) | undefined
  /** More of a body has arrived than `limits.body` allows. */
  readonly onTooLarge: (socket: Socket) => void
}

const noUpgrade: Refusal = { status: 501, reason: 'the worker class serves no upgrades' }

export class Validity {
  readonly #check: CheckRequest
  readonly #parts: ValidityParts

  constructor(parts: ValidityParts) {
    this.#check = createRequestCheck({
      ...parts.limits,
      requiresHost: parts.requiresHost,
      ...(parts.isHttp2 && { isHttp2: parts.isHttp2 }),
    })
    this.#parts = parts
  }

  /**
   * Returns whether the request was refused; if so, the response is sent, and ends the connection. `problem`:
   * what else is wrong with it.
   */
  refuses(request: IncomingMessage, response: ServerResponse, problem: string | undefined): boolean {
    const refusal = problem === undefined ? this.#check(request) : bad(problem)
    if (refusal) {
      this.#refuse(response, refusal)
      return true
    }
    const { limits, onTooLarge } = this.#parts
    if (limits.body > 0 && request.headers['transfer-encoding'] !== undefined)
      limitBody(request, limits.body, () => onTooLarge(request.socket))
    return false
  }

  /** The same for a request that would leave HTTP/1, for which Node makes no response object. */
  refusesUpgrade(request: IncomingMessage, socket: Socket, problem: string | undefined): boolean {
    const { writeAccess, onRefusal, onNoUpgrade } = this.#parts
    const wrong = problem === undefined ? this.#check(request) : bad(problem)
    const isUpgrade = request.method !== 'CONNECT' // a server that is no proxy has a response of its own
    const refusal = wrong ?? (isUpgrade && onNoUpgrade ? noUpgrade : undefined)
    if (refusal === undefined) return false
    if (refusal === noUpgrade) onNoUpgrade?.(request)
    onRefusal?.(refusal, { remoteAddress: peerAddress(socket), request })
    writeAccess?.refused(request, socket, refusal.status)
    endWith(socket, responseOf(refusal.status)) // nothing reads a connection that has left the parser
    return true
  }

  #refuse(response: ServerResponse, refusal: Refusal): void {
    const { req: request } = response
    this.#parts.onRefusal?.(refusal, { remoteAddress: peerAddress(request.socket), request })
    recordInvalid(response)
    sendRefusal(response, refusal.status)
  }
}
