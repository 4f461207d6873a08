// Arbiter and workers, main thread. Installs what `import` does with the user's code, in the way that this
// Node has.
import module from 'node:module'
import { extname } from 'node:path'
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import type { HookData } from './import-hooks.ts'
import {
  loadBeforeNode,
  recordLoaded,
  resolveAfterNode,
  resolveBeforeNode,
  resolveWithoutNode,
} from './import-rules.ts'
import { synchronousHooksRegistrar, type SynchronousHooks } from './private-node.ts'
import type { SeeFile, Session } from './session.ts'

export interface ImportHooks {
  /** Uses another session from the next import on. */
  readonly switchTo: (session: Session) => void
  /** Waits for nothing: takes what the hook thread has seen so far. */
  readonly takeSeen: () => void
}

/** Installs the import hooks, once in a process. */
export function installImportHooks(first: Session): ImportHooks {
  const registerHooks = synchronousHooksRegistrar()
  if (registerHooks === undefined) return installHookThread(first)
  let session = first
  registerHooks(synchronousHooks(() => session))
  return { switchTo: (next) => void (session = next), takeSeen: () => undefined }
}

function installHookThread(first: Session): ImportHooks {
  const { port1, port2 } = new MessageChannel()
  const { role, store, changed, see } = first
  const data: HookData = {
    role,
    directory: store.directory,
    changed: [...changed],
    port: port2,
    sees: see !== undefined,
  }
  const hooks = new URL(`./import-hooks${extname(import.meta.filename)}`, import.meta.url)
  module.register(hooks, { data, transferList: [port2] })
  if (see) port1.on('message', see)
  port1.unref() // after `on`, which holds the event loop
  return {
    switchTo: (next) => port1.postMessage(next.store.directory),
    takeSeen: () => takeMessages(port1, see),
  }
}

function takeMessages(port: MessagePort, see: SeeFile | undefined): void {
  for (let next = received(port); next !== undefined; next = received(port))
    if (typeof next === 'string') see?.(next)
}

function received(port: MessagePort): unknown {
  return receiveMessageOnPort(port)?.message
}

function synchronousHooks(session: () => Session): SynchronousHooks {
  return {
    resolve(specifier, context, next) {
      // These hooks see require() too, which has its own in require-hooks.ts.
      if (context.conditions.includes('require')) return next(specifier, context)
      const request = { specifier, parentURL: context.parentURL }
      const answer = resolveBeforeNode(session(), specifier, context.parentURL)
      if (answer !== undefined) return answer
      try {
        return resolveAfterNode(session(), request, next(specifier, context))
      } catch (error) {
        return resolveWithoutNode(session(), request, error)
      }
    },
    load(url, context, next) {
      if (context.conditions.includes('require')) return next(url, context)
      const answer = loadBeforeNode(session(), url)
      if (answer !== undefined) return answer
      const output = next(url, context)
      recordLoaded(session(), url, output)
      return output
    },
  }
}
