// Runs in a worker: what becomes of a protocol upgrade that fails in the app, or that nothing in it handles.

import type { Duplex } from 'node:stream'
import type { ReportError, UpgradeHandler } from '../model/app.ts'
import { isThenable } from '../../os/type-checks.ts'

/**
 * Returns a handler whose errors are reported. The client gets a 500 if the handler has not written anything;
 * else the socket is closed.
 */
export function guardUpgrade(handler: UpgradeHandler, report: ReportError): UpgradeHandler {
  return (request, socket, head) => {
    const before = bytesWritten(socket)
    const fail = (error: unknown): void => {
      report(error, request)
      if (socket.writable && bytesWritten(socket) === before)
        refuseUpgrade(socket, '500 Internal Server Error')
      else socket.destroy()
    }
    try {
      const result = handler(request, socket, head)
      return isThenable(result) ? result.then(undefined, fail) : undefined
    } catch (error) {
      return fail(error)
    }
  }
}

/** Milliseconds that a client has to read the response and to close. */
const lingering = 2000

/** Sends a response in place of the app's, and closes the connection. */
export function refuseUpgrade(socket: Duplex, status: string): void {
  const timer = setTimeout(() => socket.destroy(), lingering).unref()
  socket.once('close', () => clearTimeout(timer))
  socket.end(refusal(status))
  socket.resume() // what the client still sends is not read by anything else
}

/** Returns a response without a body. */
export function refusal(status: string): string {
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}

function bytesWritten(socket: Duplex): unknown {
  return Reflect.get(socket, 'bytesWritten') // of net.Socket
}
