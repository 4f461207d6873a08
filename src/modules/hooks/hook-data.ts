// Main thread and hook thread: what the two share.
import type { MessagePort } from 'node:worker_threads'
import type { Role } from '../session/session.ts'

export interface HookData {
  readonly role: Role
  readonly directory: string
  readonly changed: readonly string[]
  /** See Session. */
  readonly program: string | undefined
  /** Sends the store directory of each new generation, and receives the files that the thread reports. */
  readonly port: MessagePort
  /** Whether the thread reports files. */
  readonly reports: boolean
}

/** An empty module. When the hook thread is asked for it, it loads its compiler. */
export const compilerUrl = 'data:text/javascript,/* tsgun: compiler */'
