// Arbiter and workers, main thread. Installs what `import` does with the user's code, in the way that this Node has.
import module from 'node:module'
import { extname } from 'node:path'
import { MessageChannel } from 'node:worker_threads'
import type { HookData } from './import-hooks.ts'
import { loadBeforeNode, recordLoaded, resolveAfterNode, resolveBeforeNode, resolveWithoutNode } from './import-rules.ts'
import { synchronousHooksRegistrar } from './private-node.ts'
import type { SynchronousHooks } from './private-node.ts'
import type { Session } from './session.ts'

/** Makes the hooks use another session from the next import on. */
export type SwitchSession = (session: Session) => void

/** Installs the import hooks, once in a process. */
export function installImportHooks(first: Session): SwitchSession {
  const registerHooks = synchronousHooksRegistrar()
  if (registerHooks === undefined) return installHookThread(first)
  let session = first
  registerHooks(synchronousHooks(() => session))
  return (next) => {
    session = next
  }
}

function installHookThread(first: Session): SwitchSession {
  const { port1, port2 } = new MessageChannel()
  port1.unref()
  const data: HookData = { role: first.role, directory: first.store.directory, changed: [...first.changed], port: port2 }
  const hooks = new URL(`./import-hooks${extname(import.meta.filename)}`, import.meta.url)
  module.register(hooks, { data, transferList: [port2] })
  return (next) => port1.postMessage(next.store.directory)
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
