// Runs in a worker, only with a certificate: takes accepted connections through their handshake. The servers
// in it, one for each certificate, never listen and know nothing of HTTP: what is decrypted goes to the
// server of the app, whatever kind that is. Certificates are replaced while connections stay open.

import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { wrappedSocket } from '../../os/system/wrapped-socket.ts'
import type { AcmeChallenge, WorkerTls } from '../../tls/material.ts'
import type { Settings } from '../../config/settings/table.ts'
import { offeredProtocols } from './alpn.ts'
import { makeContexts, type Customise, type NamedContext, type ServedModes } from './contexts.ts'
import { ChallengeServers } from './challenge-servers.ts'
import { awaitBeginning } from './first-bytes.ts'
import { describeFailure, shownCertificate } from './handshake-failure.ts'
import { HandshakeServers } from './servers.ts'

export interface TerminationOptions {
  readonly tls: WorkerTls
  readonly modes: ServedModes
  readonly protocols: Settings['http_protocols']
  /** Whether the access log tells of handshakes. */
  readonly logsFacts: boolean
  /** Whether each socket of `bind` is served with TLS. */
  readonly sockets: readonly boolean[]
  readonly customise: Customise
  /** Milliseconds that a client has for its handshake; with 0 it is two minutes, as in Node.js. */
  readonly handshakeTimeout: number
  /** A handshake has failed. Absent when the error log does not tell of it. */
  readonly onFailure: ((reason: string, remoteAddress: string) => void) | undefined
}

export interface HandshakeHandlers {
  readonly onSecure: (secure: TLSSocket) => void
  /** The client speaks plain HTTP. */
  readonly onPlain: () => void
}

interface Waiting {
  readonly onSecure: HandshakeHandlers['onSecure']
  readonly remoteAddress: string
}

export class TlsTermination {
  readonly #options: TerminationOptions
  readonly #servers: HandshakeServers
  readonly #waiting = new WeakMap<Socket, Waiting>()
  /** While a certificate is ordered. */
  #challenges: ChallengeServers | undefined

  private constructor(options: TerminationOptions, contexts: readonly NamedContext[]) {
    this.#options = options
    this.#servers = new HandshakeServers(contexts, {
      clients: options.modes.cert_reqs,
      protocols: offeredProtocols(options.protocols),
      handshakeTimeout: options.handshakeTimeout,
      onSecure: (secure) => this.#secured(secure),
      onError: (error, secure) => this.#failed(error, secure),
    })
  }

  /** Rejects when the hook ssl_context fails. */
  static async create(options: TerminationOptions): Promise<TlsTermination> {
    return new TlsTermination(options, await makeContexts(options.tls, options.modes, options.customise))
  }

  get logsFacts(): boolean {
    return this.#options.logsFacts
  }

  /** Whether the connections of this socket of `bind` are encrypted. */
  covers(index: number): boolean {
    return this.#options.sockets[index] === true
  }

  /** Handshakes from now on use these. Rejects when the hook ssl_context fails; then those before stay. */
  async renew(tls: WorkerTls): Promise<void> {
    const { modes, customise } = this.#options
    this.#servers.use(await makeContexts(tls, modes, customise))
  }

  /** An authority of ACME may ask for these in a handshake, and for no others any more. */
  answer(challenges: readonly AcmeChallenge[]): void {
    const { handshakeTimeout } = this.#options
    const own = challenges.flatMap((each) => (each.type === 'tls-alpn-01' ? [each] : []))
    this.#challenges = own.length === 0 ? undefined : new ChallengeServers(own, handshakeTimeout)
  }

  /** Neither handler is called for a connection that ends before. */
  accept(socket: Socket, { onSecure, onPlain }: HandshakeHandlers): void {
    const wantsHello = this.#servers.areSeveral || this.#challenges !== undefined
    awaitBeginning(socket, { patience: this.#options.handshakeTimeout, wantsHello }, (beginning) => {
      if (beginning.kind === 'plain') return onPlain()
      if (beginning.kind === 'silent') return void socket.destroy()
      socket.allowHalfOpen = false // as with https.Server: a client that leaves in its handshake is gone
      if (this.#challenges?.takes(socket, beginning.hello)) return
      // A closed socket has no address any more.
      const remoteAddress = this.#options.onFailure && socket.remoteAddress
      this.#waiting.set(socket, { onSecure, remoteAddress: remoteAddress ?? '' })
      this.#servers.of(beginning.hello?.name).emit('connection', socket)
    })
  }

  #secured(secure: TLSSocket): void {
    const socket = wrappedSocket(secure)
    const waiting = socket && this.#waiting.get(socket)
    if (waiting === undefined) return void secure.destroy()
    // `optional` admits clients without a certificate, but none with one that is not valid.
    if (this.#options.modes.cert_reqs === 'optional' && !secure.authorized && shownCertificate(secure)) {
      this.#report(describeFailure(undefined, secure), secure)
      return void secure.destroy()
    }
    waiting.onSecure(secure)
  }

  #failed(error: Error, secure: TLSSocket): void {
    this.#report(describeFailure(error, secure), secure)
    secure.destroy()
  }

  #report(reason: string, secure: TLSSocket): void {
    const socket = wrappedSocket(secure)
    this.#options.onFailure?.(reason, (socket && this.#waiting.get(socket)?.remoteAddress) ?? '')
  }
}
