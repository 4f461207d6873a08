// Arbiter and workers, and the thread that compiles with the project's TypeScript: what they send each other.
import type { MessagePort } from 'node:worker_threads'
import type { CompilerOptions } from '../files/tsconfig.ts'
import type { Kind } from '../files/kind.ts'

/** A file to compile. */
export interface Task {
  readonly path: string
  readonly text: string
  readonly kind: Kind
  readonly options: CompilerOptions
}

export interface Compiled {
  readonly format: 'module' | 'commonjs'
  readonly code: string
  /** JSON. */
  readonly map: string
  /** For CommonJS: the names that an ES module can import from it. */
  readonly exports: readonly string[]
  /** For CommonJS: specifiers of modules whose exports are all re-exported. */
  readonly reexports: readonly string[]
}

export interface ThreadTask extends Task {
  /** The main file of `typescript`. */
  readonly compiler: string
}

/** `error` is a sentence for the user. */
export type Reply = { readonly compiled: Compiled } | { readonly error: string }

export interface ThreadData {
  readonly port: MessagePort
  /** Its first number becomes the number of replies, for a parent that waits without its event loop. */
  readonly replies: Int32Array
}
