// Any process: what a process has to know of the memory of its generation to find what preload() has
// returned. Part of its boot message.

export interface SharedManifest {
  /** Every descriptor that is inherited for it: those below, and one that shows that the process runs. */
  readonly inherited: readonly number[]
  /** The file whose preload() has run, without symlinks. */
  readonly module: string
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

/** What the process that runs preload() works with. Part of its boot message. */
export interface PreloadTask {
  /** Without symlinks. */
  readonly module: string
  /** The setting `preload` names it; else it is the module of the app. */
  readonly isNamed: boolean
  readonly by: SharedManifest['by']
  /** An empty file. */
  readonly data: number
  /** Empty files, for `ctx.file()`. */
  readonly files: readonly Omit<FileEntry, 'size'>[]
  /** `ctx.directory`: empty. */
  readonly directory: string
}

/** What it reports when preload() is done. */
export interface PreloadResult {
  readonly data: Omit<SharedData, 'fd'>
  /** The size of each SharedFile, in the order of the task. */
  readonly files: readonly number[]
}
