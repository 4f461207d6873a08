// Runs in a worker: the id of a request, the same in its access line, in the records of its logger and in
// what the app does with it. It is the client's, if that is one that no log has to escape, or one that is
// made; and made only when somebody asks.

import { randomBytes } from 'node:crypto'
import { padMillis } from '../access/clock.ts'
import { findHeader } from '../access/raw-headers.ts'

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
  /** No other worker, restart or machine has it: 64 random bits. */
  readonly #prefix = `${randomBytes(8).toString('hex')}-`
  // The number behind it is a text of which only the last three digits are new: half of the cost of writing
  // it out for each request.
  #thousands = 0
  #units = 0
  #start = `${this.#prefix}0`

  /**
   * What the client has sent and the server accepts, or one that is made; always the same for one request.
   */
  of(request: Identifiable): string {
    return (request[madeKey] ??= this.#make(request))
  }

  /**
   * An id of ours, or one that the app has assigned, as it stands in a line of the access log: nothing in it
   * needs an escape.
   */
  plain(request: Identifiable, id: string): string {
    return id === request[madeKey] || isRequestId(id) ? id : encodeURIComponent(Buffer.from(id).toString())
  }

  #make({ rawHeaders }: Identifiable): string {
    // the list, not `headers`: apps change that one, and the id must not change
    const sent = findHeader(rawHeaders, 'x-request-id')
    if (sent !== undefined && isRequestId(sent)) return sent
    if (this.#units === 1000) {
      this.#units = 0
      this.#thousands += 1
      this.#start = `${this.#prefix}${this.#thousands}`
    }
    const id = this.#start + (lastDigits[this.#units] ?? '')
    this.#units += 1
    return id
  }
}

/** `000` to `999`. */
const lastDigits = Array.from({ length: 1000 }, (_, units) => padMillis(units))
