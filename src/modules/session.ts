// Arbiter and workers, main and hook thread. What the hooks of one process share: its role, its generation's
// store, its compiler.
import { existsSync } from 'node:fs'
import { createCompiler, type Compile } from './compile.ts'
import type { StoredModule } from './pack.ts'
import { fileOf, isCompiled, isLocal } from './paths.ts'
import type { Store } from './store.ts'

/** The arbiter records what it loads; a worker runs what is recorded. */
export type Role = 'arbiter' | 'worker'

export interface Session {
  readonly role: Role
  readonly store: Store
  readonly compile: Compile
  /**
   * Recorded plain files that are no longer the same on disk, so that a worker must run them from the store.
   */
  readonly changed: ReadonlySet<string>
  /**
   * Told of each file that is about to be loaded, or that was asked for and is missing. Absent when nobody
   * wants to know.
   */
  readonly see?: SeeFile | undefined
}

/** Gets absolute paths, also of packages, and the same one again and again. */
export type SeeFile = (path: string) => void

/** What a worker may have besides its store. */
export interface SessionExtras {
  readonly changed?: Iterable<string>
  readonly see?: SeeFile | undefined
}

/** A session over an open store. */
export function createSession(role: Role, store: Store, { changed = [], see }: SessionExtras = {}): Session {
  return { role, store, compile: createCompiler(), changed: new Set(changed), see }
}

/** Tells of the file of a URL that an import means. */
export function seeUrl({ see }: Session, url: string): void {
  const path = see && fileOf(url)
  if (path !== undefined) see?.(path)
}

/** The stored module that has to run instead of the file on disk, compiled now if no process did that yet. */
export function provide(session: Session, path: string): StoredModule | undefined {
  if (!isLocal(path)) return undefined
  if (session.changed.has(path)) return session.store.find(path)
  return isCompiled(path) ? (session.store.find(path) ?? compileInto(session, path)) : undefined
}

/** Whether a file runs from the store, so that it need not be on disk any more. */
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
 * Writes to the store. A worker works without it, be the disk full or the directory closed to its user; the
 * next one compiles again.
 */
export function keep(session: Session, save: () => void): void {
  try {
    save()
  } catch (error) {
    // The arbiter's files are the promise that a worker runs what the arbiter loaded. A generation that was
    // given up has none: its directory is gone, and what a hook of the one before imports late still has to
    // load.
    if (session.role === 'arbiter' && existsSync(session.store.directory)) throw error
  }
}
