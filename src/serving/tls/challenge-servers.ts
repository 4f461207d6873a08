// Runs in a worker while a certificate is ordered: handshakes in which an authority of ACME sees that this
// server has a name (RFC 8737). Nothing is served on such a connection.

import type { Socket } from 'node:net'
import { createServer, type Server } from 'node:tls'
import { findByName, tableByName } from '../../tls/names.ts'
import type { AcmeChallenge } from '../../tls/material.ts'
import type { ClientHello } from './client-hello.ts'

const protocol = 'acme-tls/1'

type Challenge = Extract<AcmeChallenge, { type: 'tls-alpn-01' }>

export class ChallengeServers {
  readonly #byName: ReadonlyMap<string, Server>

  /** Throws when OpenSSL refuses one of them. `handshakeTimeout`: milliseconds. */
  constructor(challenges: readonly Challenge[], handshakeTimeout: number) {
    this.#byName = tableByName(
      challenges.map((each) => ({
        names: [each.name],
        value: createChallengeServer(each, handshakeTimeout),
      })),
    )
  }

  /** Returns whether the client asks for a challenge; then its handshake is done here. */
  takes(socket: Socket, hello: ClientHello | undefined): boolean {
    if (hello?.protocols.length !== 1 || hello.protocols[0] !== protocol) return false
    const server = hello.name === undefined ? undefined : findByName(this.#byName, hello.name)
    server?.emit('connection', socket)
    return server !== undefined
  }
}

function createChallengeServer({ cert, key }: Challenge, handshakeTimeout: number): Server {
  const server = createServer({ cert, key, handshakeTimeout, ALPNProtocols: [protocol] })
  server.on('secureConnection', (secure) => secure.destroySoon())
  server.on('tlsClientError', (_, secure) => secure.destroy())
  return server
}
