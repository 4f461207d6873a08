// Runs in a worker, with the setting `reload`: which of the user's files this process has loaded, or has
// tried to load although they do not exist. Reported to the arbiter, which watches them; packages are not
// included.

import { statSync } from 'node:fs'
import {
  createWorkerLoader,
  type ObservedLoader,
  type WorkerLoader,
  type WorkerLoaderOptions,
} from '../../modules/loader.ts'
import { isLocal } from '../../modules/files/paths.ts'
import type { BootMessage, SeenFile, WorkerMessage } from '../../ipc/messages.ts'

type Send = (message: WorkerMessage) => void

export interface LoadedFiles extends WorkerLoader {
  /** Reports at once what is not reported yet; otherwise that happens in the next turn after a load. */
  report(): void
  /** The last file that was loaded by name, not by an import. */
  readonly latestEntry: string | undefined
}

/**
 * `hooks`: the hook thread, if it was started already. Returns the worker's loader. Unless `reload` is on, it
 * observes and reports nothing.
 */
export function createLoader(
  { codeStore, settings }: Pick<BootMessage, 'codeStore' | 'settings'>,
  send: Send,
  hooks?: WorkerLoaderOptions['hooks'],
): LoadedFiles {
  if (settings.reload === false) {
    const { load, loadMain } = createWorkerLoader(codeStore, { hooks })
    return { load, loadMain, report: () => undefined, latestEntry: undefined }
  }
  const files = new SeenFiles(send)
  const loader = createWorkerLoader(codeStore, { report: (path) => files.see(path), hooks })
  return new ObservedFiles(loader, files)
}

class ObservedFiles implements LoadedFiles {
  readonly #loader: ObservedLoader
  readonly #files: SeenFiles
  latestEntry: string | undefined

  constructor(loader: ObservedLoader, files: SeenFiles) {
    this.#loader = loader
    this.#files = files
  }

  readonly load: WorkerLoader['load'] = (file) => {
    this.latestEntry = file
    return this.#loader.load(file)
  }

  readonly loadMain: WorkerLoader['loadMain'] = (file) => {
    this.latestEntry = file
    return this.#loader.loadMain(file)
  }

  report(): void {
    this.#loader.takeReports()
    this.#files.report()
  }
}

/**
 * Reports each file once. Its time is read before its content: a change in between causes one restart too
 * many, not one too few.
 */
class SeenFiles {
  readonly #send: Send
  readonly #known = new Set<string>()
  #unreported: SeenFile[] = []

  constructor(send: Send) {
    this.#send = send
  }

  see(path: string): void {
    if (this.#known.has(path) || !isLocal(path)) return
    this.#known.add(path)
    if (this.#unreported.length === 0) setImmediate(() => this.report())
    this.#unreported.push({ path, mtime: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null })
  }

  report(): void {
    const files = this.#unreported
    this.#unreported = []
    if (files.length > 0) this.#send({ type: 'loaded_files', files })
  }
}
