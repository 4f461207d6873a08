// Runs in a worker, a thread that serves, and a process of a task pool: makes `bus` of the app work, before
// anything of the user is loaded. What it needs is loaded with the first call: most apps never call it.

import { AsyncLocalStorage } from 'node:async_hooks'
import { createRequire } from 'node:module'
import type * as OpenModule from '../../bus/client/open.ts'
import type { Remote } from '../../bus/client/remote/open.ts'
import { busLink } from '../../bus/model/link.ts'
import type { BootMessage } from '../../ipc/messages.ts'
import { ownFile } from '../../os/own-code.ts'
import { processName } from '../process/name.ts'
import type { BootContext } from './context.ts'
import { packagesOf } from './user-packages.ts'

type Client = ReturnType<typeof OpenModule.openClient>

/** Rejects when the setting `bus` names a server whose client is not installed. */
export async function installBus(context: BootContext): Promise<void> {
  const { message, output, onBusUsed } = context
  const remote = await loadRemote(context)
  const { bus = { path: '' } } = message
  // The first call may be made for a request: the connection does not belong to its context.
  const outside = AsyncLocalStorage.snapshot()
  let opened: Client | undefined
  const open = (): Client => {
    const client = requireOpen().openClient({ bus, remote, name: nameOf(message), log: () => output.log() })
    process.once('exit', () => client.flush())
    if (remote === undefined) onBusUsed()
    return client
  }
  const client = (): Client => (opened ??= outside(open))
  busLink.install({
    publish: (topic, data) => client().publish(topic, data),
    subscribe: (topic, handler, options) => client().subscribe(topic, handler, options),
    request: (topic, data, options) => client().request(topic, data, options),
  })
}

/** Undefined without a URL: most servers have none. */
async function loadRemote(context: BootContext): Promise<Remote | undefined> {
  const { bus } = context.message.settings
  if (bus === null) return undefined
  const remote = await import('../../bus/client/remote/open.ts')
  return remote.loadRemote(bus, packagesOf(context))
}

/** Synchronously: `bus.publish` does not wait. */
function requireOpen(): typeof OpenModule {
  return createRequire(import.meta.url)(ownFile('bus/client/open')) as typeof OpenModule
}

function nameOf(message: BootMessage): string {
  const { nr, task, thread } = message
  if (task) return `task process ${task.name} ${nr}`
  const name = processName(message)
  return thread === undefined ? name : `${name}, thread ${thread.index}`
}
