// Arbiter and workers, main thread. Starts the hook thread of a Node without module.registerHooks(). It may
// be started before its session is known: until then it changes nothing.

import module from 'node:module'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { ownUrl } from '../../os/own-code.ts'
import { synchronousHooksRegistrar } from '../files/private-node.ts'

export interface HookThread {
  /**
   * Receives HookSession, and the store directory of each new generation. Sends the files that it reports.
   */
  readonly port: MessagePort
}

/** Whether this Node needs a thread for import hooks. */
export function needsHookThread(): boolean {
  return synchronousHooksRegistrar() === undefined
}

/** Once in a process, unless each call has another `name`. Waits for the thread. */
export function startHookThread(name = ''): HookThread {
  const { port1, port2 } = new MessageChannel()
  const url = ownUrl('modules/hooks/import-hooks')
  url.search = name // another copy of the module, with a port of its own
  module.register(url, { data: port2, transferList: [port2] })
  port1.unref()
  return { port: port1 }
}
