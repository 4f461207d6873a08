// Any process: what a process has to know of the memory of its generation to find what preload() has
// returned. Part of its boot message.

export interface SharedManifest {
  /** `mapped`: the descriptors are of memory. `copied`: of files, which each process reads. */
  readonly by: 'mapped' | 'copied'
  readonly data: SharedData
  readonly files: readonly FileEntry[]
}

export interface SharedData {
  readonly fd: number
  /** Bytes of all of it. The table is its last part. */
  readonly size: number
  readonly table: { readonly offset: number; readonly length: number }
}

/** A SharedFile. */
export interface FileEntry {
  readonly fd: number
  readonly path: string
  readonly size: number
}
