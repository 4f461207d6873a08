// Runs in a worker: shows the client of each request where frameworks read it: `remoteAddress`,
// `remotePort`, `remoteFamily` and `encrypted` of its socket. A proxy sends requests of many clients over one
// connection. So the socket shows the client of the newest request, and each earlier request gets a view of
// the socket that shows its own: code that reads it later, or while requests are pipelined, never sees
// another client's address.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { isSameClient, type Client } from './client.ts'

const peerKey = Symbol('tsgun.peer')

/** Returns the address of the connection's own peer; '' for a unix socket. */
export function addressOfPeer(
  socket: Pick<Socket, 'remoteAddress'> & { readonly [peerKey]?: Client },
): string {
  return (socket[peerKey] ?? { address: socket.remoteAddress }).address ?? ''
}

/** Makes a client the peer of a connection: what its socket shows by itself. */
export function showClient(socket: Socket, client: Client): void {
  for (const [name, value] of Object.entries(propertiesOf(client)))
    Object.defineProperty(socket, name, { value, writable: true, enumerable: true, configurable: true })
  Reflect.set(socket, peerKey, client)
}

/** With TLS: the socket above the other one shows the same peer. */
export function showSamePeer(secure: Socket, below: Socket & { readonly [peerKey]?: Client }): void {
  const peer = below[peerKey]
  if (peer) showClient(secure, { ...peer, encrypted: true })
}

/** The properties of a socket that show a client. */
const propertiesOf = ({ address, family, port, encrypted }: Client): object => ({
  remoteAddress: address,
  remoteFamily: family,
  remotePort: port,
  encrypted,
})

export class ShownClient {
  readonly #peer: Client
  #shown: Client
  #socket: Socket | undefined
  #newest: IncomingMessage | undefined
  /** What requests of the client that is shown get when a next request begins. */
  #view: Socket | undefined

  constructor(peer: Client) {
    this.#peer = peer
    this.#shown = peer
  }

  /** A request begins. */
  show(request: IncomingMessage, client: Client): void {
    const socket = (this.#socket ??= this.#begin(request.socket))
    if (this.#newest) this.#newest.socket = this.#view ??= new Proxy(socket, new ClientView(this.#shown))
    this.#newest = request
    if (isSameClient(client, this.#shown)) return
    Object.assign(socket, propertiesOf(client)) // they are its own, see showClient
    this.#shown = client
    this.#view = undefined
  }

  #begin(socket: Socket): Socket {
    showClient(socket, this.#peer)
    return socket
  }
}

/** A socket as it was when it showed another client. */
class ClientView implements ProxyHandler<Socket> {
  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  get(socket: Socket, name: string | symbol): unknown {
    if (name === 'remoteAddress') return this.#client.address
    if (name === 'remoteFamily') return this.#client.family
    if (name === 'remotePort') return this.#client.port
    if (name === 'encrypted') return this.#client.encrypted
    return Reflect.get(socket, name)
  }
}
