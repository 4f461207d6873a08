// Node's hook thread (Node 20, and 22 before 22.15), in the arbiter and in workers: the functions that
// module.register() names. The thread has its own view of the store directory; in the arbiter each begin of a
// generation arrives on a port.
import { existsSync } from 'node:fs'
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module'
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import {
  loadBeforeNode,
  recordLoaded,
  resolveAfterNode,
  resolveBeforeNode,
  resolveWithoutNode,
} from './import-rules.ts'
import { createSession, type Role, type Session } from './session.ts'
import { openStore } from './store.ts'

export interface HookData {
  readonly role: Role
  readonly directory: string
  readonly changed: readonly string[]
  /** Says the store directory of each further generation, and takes the files that the thread sees. */
  readonly port: MessagePort
  /** Whether somebody wants to know of them. */
  readonly sees: boolean
}

// Node gives the hooks nothing but this module to keep what initialize() receives.
const thread: { session?: Session; port?: MessagePort } = {}

export const initialize: InitializeHook<HookData> = ({ role, directory, changed, port, sees }) => {
  const see = sees ? (path: string): void => port.postMessage(path) : undefined
  thread.session = createSession(role, openStore(directory), { changed, see })
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
  const session = currentSession()
  const first = loadBeforeNode(session, url)
  if (first !== undefined) return first
  const output = await next(url, context)
  recordLoaded(session, url, output)
  return output
}

function currentSession(): Session {
  const directory = latestDirectory()
  // A generation that was given up has no directory any more; what runs then belongs to the one before.
  if (directory !== undefined && existsSync(directory))
    thread.session = createSession('arbiter', openStore(directory))
  if (thread.session === undefined) throw new Error('the import hooks were not initialized')
  return thread.session
}

// Read here and not in an event: a message is on the port before the import that follows it is asked for, but
// its event is not.
function latestDirectory(): string | undefined {
  const message: unknown = thread.port === undefined ? undefined : receiveMessageOnPort(thread.port)?.message
  return typeof message === 'string' ? (latestDirectory() ?? message) : undefined
}
