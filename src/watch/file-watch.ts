// Runs in the arbiter, with the setting `reload`: the only place that knows chokidar. Watches files and
// directories; where the system has no more watches to give, it goes on by asking the disk.

import { watch as watchWithChokidar, type ChokidarOptions, type FSWatcher } from 'chokidar'
import { existsSync, type Stats } from 'node:fs'

export type FileEvent = 'add' | 'change' | 'unlink'

export interface FileWatchOptions {
  readonly poll: boolean
  /** Whether the file counts, or the directory may have such files; without stats it may be either. */
  readonly isWanted: (path: string, stats: Stats | undefined) => boolean
  readonly onEvent: (event: FileEvent, path: string) => void
  /** It asks the disk from now on. */
  readonly onFallback: (reason: string) => void
  readonly onError: (error: unknown) => void
  readonly watch?: typeof watchWithChokidar
}

/** Watches (ENOSPC, inotify(7)) or instances of them (EMFILE) are used up. */
const exhausted: readonly unknown[] = ['ENOSPC', 'EMFILE']

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

  /** What is not there is found by its directory when it comes. */
  add(paths: readonly string[]): void {
    for (const path of paths) this.#paths.add(path)
    this.#watcher.add(paths.filter((path) => existsSync(path)))
  }

  async close(): Promise<void> {
    await end(this.#watcher)
  }

  #open(): FSWatcher {
    const { watch = watchWithChokidar, isWanted, onEvent } = this.#options
    const options: ChokidarOptions = { ignored: (path, stats) => !isWanted(path, stats) }
    // Only if it is asked for: otherwise CHOKIDAR_USEPOLLING decides, to which chokidar itself listens.
    const watcher = watch([], this.#polls ? { ...options, usePolling: true } : options)
    for (const event of events) watcher.on(event, (path) => onEvent(event, path))
    watcher.on('error', (error) => this.#onError(watcher, error))
    return watcher
  }

  #onError(watcher: FSWatcher, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const { onError, onFallback } = this.#options
    if (this.#polls || !exhausted.includes(code)) return onError(error)
    this.#polls = true
    this.#watcher = this.#open()
    end(watcher).catch(onError)
    onFallback(
      `${
        code === 'ENOSPC' ? 'the system has no more inotify ' + 'watches' : 'there are no more descriptors'
      } (${String(code)})`,
    )
    this.add([...this.#paths])
  }
}

/**
 * It forgets its listeners when it is closed, and an error that comes later would be one that nobody listens
 * to.
 */
function end(watcher: FSWatcher): Promise<void> {
  const closed = watcher.close()
  watcher.on('error', () => undefined)
  return closed
}
