// Runs in a worker: a server of node:tls for each certificate, which does handshakes and never listens.

import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { ClientMode } from '../../tls/modes.ts'
import { findByName, tableByName } from '../../tls/names.ts'
import type { NamedContext } from './contexts.ts'

export interface HandshakeOptions {
  /** Whether they show certificates. */
  readonly clients: ClientMode
  /** Names of ALPN, best first. */
  readonly protocols: readonly string[]
  /** Milliseconds. */
  readonly handshakeTimeout: number
  readonly onSecure: (secure: TLSSocket) => void
  readonly onError: (error: Error, secure: TLSSocket) => void
}

interface Table {
  readonly first: Server
  readonly byName: ReadonlyMap<string, Server>
}

export class HandshakeServers {
  readonly #options: HandshakeOptions
  #servers: readonly Server[] = []
  #table: Table

  /** Throws when OpenSSL refuses one of them. */
  constructor(contexts: readonly NamedContext[], options: HandshakeOptions) {
    this.#options = options
    this.#table = this.#make(contexts)
  }

  get areSeveral(): boolean {
    return this.#servers.length > 1
  }

  /** The server for clients that ask for this name. */
  of(name: string | undefined): Server {
    const { first, byName } = this.#table
    return (name === undefined ? undefined : findByName(byName, name)) ?? first
  }

  /** From now on. Handshakes in progress end with the certificates with which they began. Throws as above. */
  use(contexts: readonly NamedContext[]): void {
    this.#table = this.#make(contexts)
  }

  #make(contexts: readonly NamedContext[]): Table {
    const servers = contexts.map(({ options }) => this.#create(options))
    const entries = servers.map((value, place) => ({ names: contexts[place]?.names ?? [], value }))
    const [first] = servers
    if (first === undefined) throw new Error('there is no certificate')
    this.#servers = servers
    return { first, byName: tableByName(entries) }
  }

  #create(context: NamedContext['options']): Server {
    const { clients, protocols, handshakeTimeout, onSecure, onError } = this.#options
    const server = createServer({
      ...context,
      handshakeTimeout,
      ALPNProtocols: [...protocols],
      requestCert: clients !== 'none',
      rejectUnauthorized: clients === 'required',
    })
    server.on('secureConnection', onSecure)
    server.on('tlsClientError', onError)
    return server
  }
}
