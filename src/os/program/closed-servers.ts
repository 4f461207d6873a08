// Master and worker, at its end: a server of the program that does not listen, because tsgun serves in its
// place, closes as one that listened. Programs stop when their server says that it is closed, and take
// ERR_SERVER_NOT_RUNNING for a failed shutdown.

import { Server } from 'node:net'
import { hasCode } from '../error-code.ts'

type Close = (this: Server, callback?: (error?: Error) => void) => Server

/** For the rest of the life of this process. */
export function closeWithoutListening(prototype: { close: Close } = Server.prototype): void {
  const { close } = prototype
  prototype.close = function (callback) {
    if (typeof callback !== 'function') return Reflect.apply(close, this, [])
    const forgiving = (error?: Error): void =>
      callback(hasCode(error, 'ERR_SERVER_NOT_RUNNING') ? undefined : error)
    return Reflect.apply(close, this, [forgiving])
  }
}
