// The id of a request, the same in its access line, in the records of its logger and for the app. Runs in a
// worker. It is the client's if it needs no escape in a log, otherwise a generated one. It is generated when
// it is first used.

import { randomBytes } from 'node:crypto'
import { padMillis } from '../access/clock.ts'
import { findHeader } from '../access/raw-headers.ts'

/** A request of Node's, HTTP/1 or HTTP/2. */
export interface Identifiable {
  readonly rawHeaders: readonly string[]
  /** Absent until the id is first used. */
  [madeKey]?: string
}

const madeKey = Symbol('tsgun.request_id')

const acceptable = /^[A-Za-z0-9._~:/+=@-]{1,128}$/

/** Whether an `X-Request-Id` is accepted: a client can send any text. */
export function isRequestId(text: string): boolean {
  return acceptable.test(text)
}

export class RequestIds {
  /** Unique to this worker process: 64 random bits. */
  readonly #prefix = `${randomBytes(8).toString('hex')}-`
  // The number after the prefix is kept as text, and only its last three digits change: half the cost of
  // formatting it for each request.
  #thousands = 0
  #units = 0
  #start = `${this.#prefix}0`

  /**
   * Returns the id that the client sent, if it is accepted, or a generated one; always the same for a
   * request.
   */
  of(request: Identifiable): string {
    return (request[madeKey] ??= this.#make(request))
  }

  /**
   * Returns an id as the access log shows it: percent-encoded if the app has assigned one that needs an
   * escape.
   */
  plain(request: Identifiable, id: string): string {
    return id === request[madeKey] || isRequestId(id) ? id : encodeURIComponent(Buffer.from(id).toString())
  }

  #make({ rawHeaders }: Identifiable): string {
    // rawHeaders, because apps change `headers`, and the id must not change
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
