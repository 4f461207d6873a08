// Runs in the arbiter, with the setting `reload`: watches the files that the workers and the arbiter have
// loaded, and reports when one changes. Without the setting it loads no code and watches no files.

import { statSync, type Stats } from 'node:fs'
import { listOf } from '../config/settings/list-of.ts'
import type { Settings } from '../config/settings/table.ts'
import type { SeenFile } from '../ipc/messages.ts'
import type { Clock } from '../os/system/clock.ts'
import { Debounce } from './debounce.ts'
import { extraFiles, type ExtraFiles } from './extra-files.ts'
import type { FileEvent, FileWatch } from './file-watch.ts'
import { ignoring, type IgnoredSettings, type IsIgnored } from './ignored.ts'
import { WatchedFiles } from './watched-files.ts'

export type WatchSettings = IgnoredSettings & Pick<Settings, 'reload' | 'reload_extra_files'>

export interface DevelopmentOptions {
  /** The working directory of the server. */
  readonly directory: string
  readonly clock: Clock
  /** Prefixes of the paths that the server itself writes, besides its logs and pidfile. */
  readonly own: readonly string[]
  /** Called at the first change of a series. */
  readonly onChanging: () => void
  /** Called when no more files change, with all files of the series. */
  readonly onChanged: (files: readonly string[]) => void
  readonly onWarning: (message: string) => void
}

export class DevelopmentWatch {
  readonly #options: DevelopmentOptions
  readonly #files: WatchedFiles
  readonly #changes: Debounce
  /** Milliseconds since 1970: an extra file with a later change time is new. */
  #since = 0
  #reload: Settings['reload'] = false
  #watch: Promise<FileWatch> | undefined

  constructor(options: DevelopmentOptions) {
    const { directory, clock, onChanging, onChanged } = options
    this.#options = options
    this.#files = new WatchedFiles(directory, extraFiles([], directory), () => false)
    this.#changes = new Debounce({ clock, onFirst: onChanging, onQuiet: onChanged })
  }

  /** Call for each generation, with its settings and the files that the arbiter has loaded for it. */
  follow(settings: WatchSettings, files: readonly string[]): void {
    if (settings.reload !== this.#reload) this.#switchTo(settings.reload)
    if (settings.reload === false) return
    const { extra, isIgnored } = this.#filters(settings)
    this.#add(this.#files.begin(extra, isIgnored))
    this.addFiles(files.map(stampOf))
  }

  /** Adds files that were loaded, or that an import did not find. */
  addFiles(files: readonly SeenFile[]): void {
    if (this.#reload === false) return
    this.#add(files.flatMap(({ path, mtime }) => this.#files.add(path, mtime)))
    for (const { path } of files) if (this.#hasChanged(path)) this.#changes.note(path)
  }

  /** Call when a load has failed, with the files that it had tried. */
  loadFailed(files: readonly string[]): void {
    this.#files.tryAgain()
    this.addFiles(files.map(stampOf))
  }

  async close(): Promise<void> {
    this.#changes.close()
    const watch = this.#watch
    this.#watch = undefined
    await (await watch)?.close()
  }

  #filters({ reload_extra_files: extra, ...settings }: WatchSettings): {
    readonly extra: ExtraFiles
    readonly isIgnored: IsIgnored
  } {
    const { directory, own } = this.#options
    return {
      extra: extraFiles(listOf(extra), directory),
      isIgnored: ignoring(settings, directory, own),
    }
  }

  #switchTo(reload: Settings['reload']): void {
    const before = this.#watch
    this.#reload = reload
    this.#watch = reload === false ? undefined : this.#open(reload === 'poll')
    this.#guard(async () => (await before)?.close())
  }

  async #open(poll: boolean): Promise<FileWatch> {
    this.#since = Date.now()
    // loads chokidar, which a production server does not need
    const { FileWatch } = await import('./file-watch.ts')
    const { onWarning } = this.#options
    return new FileWatch({
      poll,
      isWanted: (path, stats) => this.#isWanted(path, stats),
      onEvent: (event, path) => this.#onEvent(event, path),
      onFallback: (reason) =>
        onWarning(`reload: ${reason}; files are polled from now on, which takes CPU time`),
      onError: (error) => onWarning(`reload: not all files can be watched: ${String(error)}`),
    })
  }

  #add(paths: readonly string[]): void {
    if (paths.length > 0) this.#guard(async () => (await this.#watch)?.add(paths))
  }

  #isWanted(path: string, stats: Stats | undefined): boolean {
    if (stats === undefined) return this.#files.includes(path) || this.#files.mayContain(path)
    return stats.isDirectory() ? this.#files.mayContain(path) : stats.isFile() && this.#files.includes(path)
  }

  #onEvent(event: FileEvent, path: string): void {
    if (!this.#files.includes(path)) return
    const isChange = event !== 'add' || this.#hasChanged(path)
    if (event === 'unlink') this.#files.forget(path)
    if (isChange) this.#changes.note(path)
  }

  /**
   * Whether the file has changed since it was loaded; if it was not loaded, since the watch began. False for
   * a missing file.
   */
  #hasChanged(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return false
    const stamp = this.#files.stampOf(path)
    return stamp === undefined ? stats.ctimeMs >= this.#since : stats.isFile() && stats.mtimeMs !== stamp
  }

  #guard(step: () => Promise<unknown>): void {
    step().catch((error: unknown) =>
      this.#options.onWarning(`reload: the files cannot be watched: ${String(error)}`),
    )
  }
}

/** The file with its current modification time. */
function stampOf(path: string): SeenFile {
  return { path, mtime: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null }
}
