// Node's hook thread (Node 20, and 22 before 22.15), in the arbiter and in workers: the hooks of
// module.register(). The thread opens the store by itself; in the arbiter it receives the store directory of
// each new generation on a port.
import { existsSync } from 'node:fs'
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { loadCompiler } from '../compile/compile.ts'
import { compilerUrl, type HookData } from './hook-data.ts'
import {
  loadBeforeNode,
  recordLoaded,
  resolveAfterNode,
  resolveBeforeNode,
  resolveWithoutNode,
} from './import-rules.ts'
import { ThreadSource } from '../metadata/thread-source.ts'
import { createSession, type Session } from '../session/session.ts'
import { openInheritedStore, openStore } from '../files/store.ts'

// Hooks can keep what initialize() receives only in this module.
const thread: { session?: Session; port?: MessagePort; readonly threads: ThreadSource } = {
  threads: new ThreadSource(),
}

export const initialize: InitializeHook<HookData> = ({
  role,
  directory,
  changed,
  program,
  port,
  reports,
}) => {
  const report = reports ? (path: string): void => port.postMessage(path) : undefined
  const open = role === 'arbiter' ? openStore : openInheritedStore
  thread.session = createSession(role, open(directory), {
    changed,
    report,
    program,
    threads: thread.threads,
  })
  thread.port = port
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const session = currentSession()
  const request = { specifier, parentURL: context.parentURL }
  const first = resolveBeforeNode(session, specifier, context.parentURL)
  if (first !== undefined) return first
  return Promise.resolve(next(specifier, context)).then(
    (output) => resolveAfterNode(session, request, output),
    (error: unknown) => resolveWithoutNode(session, request, error),
  )
}

export const load: LoadHook = async (url, context, next) => {
  if (url === compilerUrl) loadCompiler(thread.threads)
  const session = currentSession()
  const first = loadBeforeNode(session, url)
  if (first !== undefined) return first
  const output = await next(url, context)
  recordLoaded(session, url, output)
  return output
}

function currentSession(): Session {
  const directory = latestDirectory()
  // A generation that was given up has no directory; running code belongs to the previous one.
  if (directory !== undefined && existsSync(directory))
    thread.session = createSession('arbiter', openStore(directory), { threads: thread.threads })
  if (thread.session === undefined) throw new Error('the import hooks were not initialized')
  return thread.session
}

// Read synchronously: the message arrives before the import that follows it, but its event may come later.
function latestDirectory(): string | undefined {
  const message: unknown = thread.port === undefined ? undefined : receiveMessageOnPort(thread.port)?.message
  return typeof message === 'string' ? (latestDirectory() ?? message) : undefined
}
