// Main thread and hook thread: what the two share.
import type { Role } from '../session/session.ts'

export interface HookSession {
  readonly role: Role
  readonly directory: string
  readonly changed: readonly string[]
  /** See Session. */
  readonly program: string | undefined
  /** Whether the thread reports files. */
  readonly reports: boolean
}

/** In place of a store directory: the hooks change nothing until the next one comes. */
export const noSession = ''

/** An empty module. When the hook thread is asked for it, it loads its compiler. */
export const compilerUrl = 'data:text/javascript,/* tsgun: compiler */'
