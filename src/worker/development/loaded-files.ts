// Runs in a worker, with the setting `reload`: which of the user's files this process has loaded, or asked
// for in vain. Told to the arbiter, which watches them; packages are none of them.

import { statSync } from 'node:fs'
import { createWorkerLoader, type ModuleLoader, type ObservedLoader } from '../../modules/loader.ts'
import { isLocal } from '../../modules/paths.ts'
import type { BootMessage, SeenFile, WorkerMessage } from '../../ipc/messages.ts'

type Send = (message: WorkerMessage) => void

export interface LoadedFiles extends ModuleLoader {
  /** Tells what is not told yet; without it that is done a moment after a file is loaded. */
  tell(): void
  /** The last file that somebody asked for by name, not by an import. */
  readonly latestEntry: string | undefined
}

/** The worker's loader. Unless `reload` is on, it observes nothing and tells nothing. */
export function createLoader(
  { codeStore, settings }: Pick<BootMessage, 'codeStore' | 'settings'>,
  send: Send,
): LoadedFiles {
  if (settings.reload === false) {
    return { load: createWorkerLoader(codeStore).load, tell: () => undefined, latestEntry: undefined }
  }
  const told = new SeenFiles(send)
  const loader = createWorkerLoader(codeStore, (path) => told.see(path))
  return new ObservedFiles(loader, told)
}

class ObservedFiles implements LoadedFiles {
  readonly #loader: ObservedLoader
  readonly #files: SeenFiles
  latestEntry: string | undefined

  constructor(loader: ObservedLoader, files: SeenFiles) {
    this.#loader = loader
    this.#files = files
  }

  readonly load: ModuleLoader['load'] = (file) => {
    this.latestEntry = file
    return this.#loader.load(file)
  }

  tell(): void {
    this.#loader.takeReports()
    this.#files.tell()
  }
}

/**
 * Each file once. It is looked at before it is read: a change in between is a restart too many, not one too
 * few.
 */
class SeenFiles {
  readonly #send: Send
  readonly #known = new Set<string>()
  #untold: SeenFile[] = []

  constructor(send: Send) {
    this.#send = send
  }

  see(path: string): void {
    if (this.#known.has(path) || !isLocal(path)) return
    this.#known.add(path)
    if (this.#untold.length === 0) setImmediate(() => this.tell())
    this.#untold.push({ path, mtime: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null })
  }

  tell(): void {
    const files = this.#untold
    this.#untold = []
    if (files.length > 0) this.#send({ type: 'loaded_files', files })
  }
}
