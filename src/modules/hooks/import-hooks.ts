// Node's hook thread (Node 20, and 22 before 22.15), in the arbiter and in workers: the hooks of
// module.register(). The thread receives its session on a port, and in the arbiter the store directory of
// each new generation. It opens the store by itself. Without a session the hooks change nothing.
import { existsSync } from 'node:fs'
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { loadCompiler } from '../compile/compile.ts'
import { compilerUrl, noSession, type HookSession } from './hook-data.ts'
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
const thread: { session?: Session | undefined; port?: MessagePort; readonly threads: ThreadSource } = {
  threads: new ThreadSource(),
}

export const initialize: InitializeHook<MessagePort> = (port) => {
  thread.port = port
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const session = currentSession()
  if (session === undefined) return next(specifier, context)
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
  if (session === undefined) return next(url, context)
  const first = loadBeforeNode(session, url)
  if (first !== undefined) return first
  const output = await next(url, context)
  recordLoaded(session, url, output)
  return output
}

// Read synchronously: a message arrives before the import that follows it, but its event may come later.
function currentSession(): Session | undefined {
  const { port } = thread
  if (port === undefined) return undefined
  for (let next = received(port); next !== undefined; next = received(port)) {
    if (next === noSession) thread.session = undefined
    else if (typeof next === 'string') thread.session = nextSession(next) ?? thread.session
    else thread.session = firstSession(next as HookSession, port)
  }
  return thread.session
}

function received(port: MessagePort): unknown {
  return receiveMessageOnPort(port)?.message
}

function firstSession(
  { role, directory, changed, program, reports }: HookSession,
  port: MessagePort,
): Session {
  const report = reports ? (path: string): void => port.postMessage(path) : undefined
  const open = role === 'arbiter' ? openStore : openInheritedStore
  return createSession(role, open(directory), { changed, report, program, threads: thread.threads })
}

/** A generation that was given up has no directory; running code belongs to the previous one. */
function nextSession(directory: string): Session | undefined {
  return existsSync(directory)
    ? createSession('arbiter', openStore(directory), { threads: thread.threads })
    : undefined
}
