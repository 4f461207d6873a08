// What preload() gets. Types only.

import type { SharedFile } from './shared-file.ts'

/** The path of a file, its content, or a stream of it. */
export type FileSource = string | URL | Uint8Array | ArrayBuffer | AsyncIterable<Uint8Array | string>

/** The argument of preload(). */
export interface PreloadContext {
  /**
   * A directory for files of preload(), for example for a model of several files. All processes of the
   * generation may read and write it; it is removed when the last of them has ended.
   */
  readonly directory: string
  /**
   * Copies a file into memory that all processes of the generation share. Resolves with it: return it, or a
   * value that contains it, from preload(). Rejects when the source cannot be read or the memory does not
   * suffice; at most 32 files.
   */
  file(source: FileSource): Promise<SharedFile>
}
