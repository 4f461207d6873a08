// Arbiter and workers, main and hook thread. Shared by the module hooks of a process: its role, the store of
// its generation and its compiler.
import { existsSync } from 'node:fs'
import { createCompiler, type Compiler } from '../compile/compile.ts'
import type { ThreadSource } from '../metadata/thread-source.ts'
import type { StoredModule } from '../files/pack.ts'
import { fileOf, isCompiled, isLocal } from '../files/paths.ts'
import type { Store } from '../files/store.ts'

/** The arbiter records what it loads; a worker runs what was recorded. */
export type Role = 'arbiter' | 'worker'

export interface Session extends Compiler {
  readonly role: Role
  readonly store: Store
  /** Recorded plain files that have changed on disk: a worker runs them from the store. */
  readonly changed: ReadonlySet<string>
  /** The program of a process or thread that an app has started. */
  readonly program?: string | undefined
  /** Called with each file before it is loaded, and with each missing file. Only in a development restart. */
  readonly report?: ReportFile | undefined
}

/** Called with absolute paths, also of packages; the same path may be reported several times. */
export type ReportFile = (path: string) => void

/** Options of a session in a worker. */
export interface SessionExtras {
  readonly changed?: Iterable<string>
  readonly report?: ReportFile | undefined
  readonly program?: string | undefined
  /** One for all sessions of an arbiter. */
  readonly threads?: ThreadSource | undefined
}

/** Creates a session with an open store. */
export function createSession(
  role: Role,
  store: Store,
  { changed = [], report, program, threads }: SessionExtras = {},
): Session {
  return { role, store, ...createCompiler(threads), changed: new Set(changed), report, program }
}

/** Reports the file of an imported URL. */
export function reportUrl({ report }: Session, url: string): void {
  const path = report && fileOf(url)
  if (path !== undefined) report?.(path)
}

/**
 * Returns the stored module to run instead of the file on disk; compiles it if no process has done so yet.
 */
export function provide(session: Session, path: string): StoredModule | undefined {
  if (!isLocal(path)) return undefined
  if (session.changed.has(path)) return session.store.find(path)
  return isCompiled(path) ? (session.store.find(path) ?? compileInto(session, path)) : undefined
}

/** Whether a file runs from the store and may be missing on disk. */
export function isStored(session: Session, path: string): boolean {
  return (
    session.changed.has(path) || (isCompiled(path) && isLocal(path) && session.store.find(path) !== undefined)
  )
}

function compileInto(session: Session, path: string): StoredModule {
  const module = session.compile(path)
  keep(session, () => session.store.save(module))
  return module
}

/**
 * Writes to the store. In a worker a failure (a full disk, missing permissions) is ignored; the next worker
 * compiles the file again.
 */
export function keep(session: Session, save: () => void): void {
  try {
    save()
  } catch (error) {
    // In the arbiter a failure is an error, because workers must run what the arbiter loaded, unless the
    // generation was given up: its directory no longer exists, but a hook of the previous generation may
    // still import modules.
    if (session.role === 'arbiter' && existsSync(session.store.directory)) throw error
  }
}
