// Runs in a worker: a stream of HTTP/2 on a connection with TLS. What tls.TLSSocket has to say of the client
// and the handshake is that of the connection.

import { defineAccessor } from '../../os/define-accessor.ts'
import { StreamSocket } from './stream-socket.ts'

export class SecureStreamSocket extends StreamSocket {}

const methods = [
  'exportKeyingMaterial',
  'getCertificate',
  'getCipher',
  'getEphemeralKeyInfo',
  'getFinished',
  'getPeerCertificate',
  'getPeerFinished',
  'getPeerX509Certificate',
  'getProtocol',
  'getSession',
  'getSharedSigalgs',
  'getTLSTicket',
  'getX509Certificate',
  'isSessionReused',
] as const

const properties = ['alpnProtocol', 'authorizationError', 'authorized', 'servername'] as const

for (const name of properties)
  defineAccessor(SecureStreamSocket.prototype, name, ({ carrier }: StreamSocket) =>
    Reflect.get(carrier, name),
  )

for (const name of methods)
  Object.defineProperty(SecureStreamSocket.prototype, name, {
    configurable: true,
    writable: true,
    value(this: StreamSocket, ...parameters: readonly unknown[]): unknown {
      const method: unknown = Reflect.get(this.carrier, name)
      return typeof method === 'function' ? Reflect.apply(method, this.carrier, parameters) : undefined
    },
  })
