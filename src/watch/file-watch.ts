// Runs in the arbiter, with the setting `reload`: watches files and directories with chokidar. When the
// system has no inotify watches left, it polls instead. No other file uses chokidar.

import { watch as watchWithChokidar, type ChokidarOptions, type FSWatcher } from 'chokidar'
import { existsSync, type Stats } from 'node:fs'
import { errorCode } from '../os/error-code.ts'

export type FileEvent = 'add' | 'change' | 'unlink'

export interface FileWatchOptions {
  readonly poll: boolean
  /** Whether to watch the path; without `stats` it may be a file or a directory. */
  readonly isWanted: (path: string, stats: Stats | undefined) => boolean
  readonly onEvent: (event: FileEvent, path: string) => void
  /** Called when it starts to poll. */
  readonly onFallback: (reason: string) => void
  readonly onError: (error: unknown) => void
  readonly watch?: typeof watchWithChokidar
}

/** No inotify watches (ENOSPC) or instances (EMFILE) are left (inotify(7)). */
const exhausted: readonly (string | undefined)[] = ['ENOSPC', 'EMFILE']

const events: readonly FileEvent[] = ['add', 'change', 'unlink']

export class FileWatch {
  readonly #options: FileWatchOptions
  readonly #paths = new Set<string>()
  #polls: boolean
  #watcher: FSWatcher

  constructor(options: FileWatchOptions) {
    this.#options = options
    this.#polls = options.poll
    this.#watcher = this.#open()
  }

  /** A missing file is found through its directory when it is created. */
  add(paths: readonly string[]): void {
    for (const path of paths) this.#paths.add(path)
    this.#watcher.add(paths.filter((path) => existsSync(path)))
  }

  async close(): Promise<void> {
    await closeWatcher(this.#watcher)
  }

  #open(): FSWatcher {
    const { watch = watchWithChokidar, isWanted, onEvent } = this.#options
    const options: ChokidarOptions = { ignored: (path, stats) => !isWanted(path, stats) }
    // Not set to false, so that chokidar can apply CHOKIDAR_USEPOLLING.
    const watcher = watch([], this.#polls ? { ...options, usePolling: true } : options)
    for (const event of events) watcher.on(event, (path) => onEvent(event, path))
    watcher.on('error', (error) => this.#onError(watcher, error))
    return watcher
  }

  #onError(watcher: FSWatcher, error: unknown): void {
    const code = errorCode(error)
    const { onError, onFallback } = this.#options
    if (this.#polls || !exhausted.includes(code)) return onError(error)
    this.#polls = true
    this.#watcher = this.#open()
    closeWatcher(watcher).catch(onError)
    onFallback(
      code === 'ENOSPC' ? 'no inotify watches are left (ENOSPC)' : 'no file descriptors are left (EMFILE)',
    )
    this.add([...this.#paths])
  }
}

/** chokidar removes all listeners on close: a later error needs a new one, or it would be thrown. */
function closeWatcher(watcher: FSWatcher): Promise<void> {
  const closed = watcher.close()
  watcher.on('error', () => undefined)
  return closed
}
