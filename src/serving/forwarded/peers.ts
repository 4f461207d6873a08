// Runs in a worker: what a connection may say of the clients behind it. Decided once for each connection, by
// the address of its peer; so a connection whose headers do not matter costs its requests nothing.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Settings } from '../../config/settings/table.ts'
import type { Client } from './client.ts'
import { decide } from './decide.ts'
import { compileFields, type Fields, type FindFields } from './fields.ts'
import type { Forwarding, ForwardingOf } from './forwarding.ts'
import { createRemover } from './remove.ts'
import { noteWaited, waitedSince } from './request-start.ts'
import { ShownClient } from './shown-client.ts'
import { TrustedAddresses } from './trusted-addresses.ts'

export type ForwardingSettings = Pick<
  Settings,
  'forwarded_allow_ips' | 'forwarded_headers' | 'secure_scheme_headers' | 'untrusted_forwarded_headers'
>

export function createForwarding(settings: ForwardingSettings): ForwardingOf {
  const trusted = new TrustedAddresses(settings.forwarded_allow_ips)
  const isTrusted = (address: string): boolean => trusted.has(address)
  const find = compileFields(settings)
  const others =
    settings.untrusted_forwarded_headers === 'remove'
      ? createRemover(settings.secure_scheme_headers)
      : undefined
  return (socket) =>
    trusted.hasPeer(socket.remoteAddress) ? new TrustedPeer(peerOf(socket), { find, isTrusted }) : others
}

function peerOf(socket: Socket): Client {
  const { remoteAddress: address, remoteFamily, remotePort: port } = socket
  const family = remoteFamily === 'IPv4' || remoteFamily === 'IPv6' ? remoteFamily : undefined
  return { address, family, port, encrypted: usesTls(socket) }
}

const usesTls = (socket: Socket): boolean => Reflect.get(socket, 'encrypted') === true

interface Rules {
  readonly find: FindFields
  readonly isTrusted: (address: string) => boolean
}

class TrustedPeer implements Forwarding {
  readonly #rules: Rules
  #peer: Client
  #shown: ShownClient | undefined

  constructor(peer: Client, rules: Rules) {
    this.#peer = peer
    this.#rules = rules
  }

  admit(request: IncomingMessage): string | undefined {
    const fields = this.#rules.find(request.rawHeaders)
    if (fields !== undefined) return this.#use(request, fields)
    this.#shown?.show(request, this.#peer)
    return undefined
  }

  #use(request: IncomingMessage, fields: Fields): string | undefined {
    const shown = (this.#shown ??= this.#begin(request.socket))
    const waited = fields.start === undefined ? undefined : waitedSince(fields.start, Date.now())
    if (waited !== undefined) noteWaited(request, waited)
    const { isTrusted } = this.#rules
    const decision = decide(fields, { peer: this.#peer, host: request.headers.host, isTrusted })
    shown.show(request, 'refused' in decision ? this.#peer : decision.client)
    if ('refused' in decision) return decision.refused
    if (decision.host !== undefined) setHost(request, decision.host)
    return undefined
  }

  /** With TLS its own socket is above that of the connection. */
  #begin(socket: Socket): ShownClient {
    this.#peer = { ...this.#peer, encrypted: usesTls(socket) }
    return new ShownClient(this.#peer)
  }
}

/** A request without Host gets none: HTTP/1.1 requires the client's own (RFC 9112, 3.2). */
function setHost(request: IncomingMessage, host: string): void {
  const { headers, rawHeaders } = request
  if (headers.host === undefined || headers.host === host) return
  headers.host = host
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() !== 'host') continue
    rawHeaders[at + 1] = host
    return
  }
}
