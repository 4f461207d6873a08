// Arbiter and workers, main thread. Installs the import hooks for the user's code, with the API of this
// version of Node.
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { compilerUrl, noSession, type HookSession } from './hook-data.ts'
import { startHookThread, type HookThread } from './hook-thread.ts'
import {
  loadBeforeNode,
  recordLoaded,
  resolveAfterNode,
  resolveBeforeNode,
  resolveWithoutNode,
} from './import-rules.ts'
import { synchronousHooksRegistrar, type SynchronousHooks } from '../files/private-node.ts'
import type { ReportFile, Session } from '../session/session.ts'

export interface ImportHooks {
  /** Uses another session for further imports. */
  readonly switchTo: (session: Session) => void
  /** Changes nothing until `switchTo` is called again. */
  readonly rest: () => void
  /** Passes on what the hook thread has reported so far, without waiting. */
  readonly takeReports: () => void
  /** Loads the compiler of the hook thread, if there is one. */
  readonly loadCompiler: () => Promise<void>
}

/** Installs the import hooks, once in a process. `started`: its hook thread, if it has one already. */
export function installImportHooks(first: Session, started?: HookThread): ImportHooks {
  const registerHooks = synchronousHooksRegistrar()
  if (registerHooks === undefined) return beginHookThread(first, started ?? startHookThread())
  let session: Session | undefined = first
  registerHooks(synchronousHooks(() => session))
  return {
    switchTo: (next) => void (session = next),
    rest: () => void (session = undefined),
    takeReports: () => undefined,
    loadCompiler: () => Promise.resolve(),
  }
}

function beginHookThread(first: Session, { port }: HookThread): ImportHooks {
  const { role, store, changed, report, program } = first
  const session: HookSession = {
    role,
    directory: store.directory,
    changed: [...changed],
    program,
    reports: report !== undefined,
  }
  port.postMessage(session)
  if (report) port.on('message', report)
  port.unref() // after `on`, which holds the event loop
  return {
    switchTo: (next) => port.postMessage(next.store.directory),
    rest: () => port.postMessage(noSession),
    takeReports: () => takeMessages(port, report),
    async loadCompiler() {
      await import(compilerUrl)
    },
  }
}

function takeMessages(port: MessagePort, report: ReportFile | undefined): void {
  for (let next = received(port); next !== undefined; next = received(port))
    if (typeof next === 'string') report?.(next)
}

function received(port: MessagePort): unknown {
  return receiveMessageOnPort(port)?.message
}

function synchronousHooks(present: () => Session | undefined): SynchronousHooks {
  return {
    resolve(specifier, context, next) {
      const session = present()
      // These hooks are called for require() too, which has its hooks in require-hooks.ts.
      if (session === undefined || context.conditions.includes('require')) return next(specifier, context)
      const request = { specifier, parentURL: context.parentURL }
      const result = resolveBeforeNode(session, specifier, context.parentURL)
      if (result !== undefined) return result
      try {
        return resolveAfterNode(session, request, next(specifier, context))
      } catch (error) {
        return resolveWithoutNode(session, request, error)
      }
    },
    load(url, context, next) {
      const session = present()
      if (session === undefined || context.conditions.includes('require')) return next(url, context)
      const result = loadBeforeNode(session, url)
      if (result !== undefined) return result
      const output = next(url, context)
      recordLoaded(session, url, output)
      return output
    },
  }
}
