// Runs in the arbiter, only with TLS: what it has invented for its workers: the keys of session tickets, and
// the secret with which it seals what it sends to a worker that runs its app.

import { randomBytes } from 'node:crypto'

/** Of tls.Server.setTicketKeys(). */
const ticketKeysLength = 48

export class TlsSecrets {
  /** Base64. */
  readonly secret = randomBytes(32).toString('base64')
  #ticketKeys = newTicketKeys()

  /** Base64. */
  get ticketKeys(): string {
    return this.#ticketKeys
  }

  /** Tickets of the keys before are not accepted any more: Node.js keeps one set of keys. */
  rotate(): void {
    this.#ticketKeys = newTicketKeys()
  }
}

const newTicketKeys = (): string => randomBytes(ticketKeysLength).toString('base64')
