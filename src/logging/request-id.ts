// Runs in a worker: the id of a request, the same in its access line, in the records of its logger and in what the app does with it. It
// is the client's, if that is one that no log has to escape, or one that is made; and made only when somebody asks.

import { randomBytes } from 'node:crypto'
import { findHeader } from './access/raw-headers.ts'

/** What carries a client's id; Node's requests of HTTP/1 and HTTP/2 alike. */
export interface Identifiable {
  readonly rawHeaders: readonly string[]
  /** Absent before anybody has asked. */
  [madeKey]?: string
}

const madeKey = Symbol('tsgun.request_id')

const acceptable = /^[A-Za-z0-9._~:/+=@-]{1,128}$/

/** Whether an `X-Request-Id` is taken over: what stands in a header is anybody's text. */
export function isRequestId(text: string): boolean {
  return acceptable.test(text)
}

export class RequestIds {
  /** No other worker, restart or machine has it: 72 random bits. A number behind it is all that a request costs. */
  readonly #prefix = `${randomBytes(9).toString('base64url').replaceAll('_', '.')}-`
  #count = 0

  /** What the client has sent and the server accepts, or one that is made; always the same for one request. */
  of(request: Identifiable): string {
    return (request[madeKey] ??= this.#make(request))
  }

  #make({ rawHeaders }: Identifiable): string {
    const sent = findHeader(rawHeaders, 'x-request-id') // the list, not `headers`: apps change that one, and the id must not change
    if (sent !== undefined && isRequestId(sent)) return sent
    this.#count += 1
    return this.#prefix + String(this.#count)
  }
}
