// Runs in the process of preload(), before it loads the module of the app: a program that listens when it is
// loaded would run here beside the workers, so that is refused.

import { Server } from 'node:net'
import { whereThrown } from '../../config/problems/where-thrown.ts'

/** Returns a promise that rejects when a server of this process listens. */
export function refuseListen(prototype: Pick<Server, 'listen'> = Server.prototype): Promise<never> {
  return new Promise((_, reject) => {
    prototype.listen = function (): never {
      const where = whereThrown(new Error()) ?? 'the module of the app'
      const error = new Error(
        `${where} listens when it is loaded, and to run preload() it is loaded in a process that does not ` +
          'serve: move preload() to a module of its own, and name it by the setting `preload`',
      )
      reject(error)
      throw error
    }
  })
}
