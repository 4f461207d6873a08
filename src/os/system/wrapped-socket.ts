// Runs in a worker: the connection below a TLS socket. Node has no public property for it.

import type { Socket } from 'node:net'

/** Returns undefined when a TLS socket is not above a socket of this process. */
export function wrappedSocket(secure: Socket): Socket | undefined {
  // Parse boundary: a property of lib/_tls_wrap.js, the same from Node 20 to 26.
  return Reflect.get(secure, '_parent') as Socket | undefined
}
