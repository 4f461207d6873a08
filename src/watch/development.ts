// Runs in the arbiter, with the setting `reload`: watches what the workers and the arbiter itself have really
// loaded, and says when it has changed. Without the setting it loads nothing and watches nothing.

import { listOf } from '../config/settings/list-of.ts'
import { statSync, type Stats } from 'node:fs'
import type { Settings } from '../config/settings/table.ts'
import type { SeenFile } from '../ipc/messages.ts'
import type { Clock } from '../os/system/clock.ts'
import { extraFiles, type ExtraFiles } from './extra-files.ts'
import type { FileEvent, FileWatch } from './file-watch.ts'
import { ignoring, type IgnoredSettings, type IsIgnored } from './ignored.ts'
import { Settle } from './settle.ts'
import { WantedFiles } from './wanted-files.ts'

export type WatchSettings = IgnoredSettings & Pick<Settings, 'reload' | 'reload_extra_files'>

export interface DevelopmentOptions {
  /** The working directory of the server. */
  readonly directory: string
  readonly clock: Clock
  /** How the paths of files begin that the server itself writes, besides its logs and pidfile. */
  readonly own: readonly string[]
  /** The first of the files that change at about the same time. */
  readonly onChanging: () => void
  /** All of them are written. */
  readonly onChanged: (files: readonly string[]) => void
  readonly onWarning: (message: string) => void
}

export class DevelopmentWatch {
  readonly #options: DevelopmentOptions
  readonly #wanted: WantedFiles
  readonly #settle: Settle
  /** Milliseconds since 1970, as file times are, from which on an extra file that appears is new. */
  #since = 0
  #reload: Settings['reload'] = false
  #watch: Promise<FileWatch> | undefined

  constructor(options: DevelopmentOptions) {
    const { directory, clock, onChanging, onChanged } = options
    this.#options = options
    this.#wanted = new WantedFiles(directory, extraFiles([], directory), () => false)
    this.#settle = new Settle({ clock, onFirst: onChanging, onSettled: onChanged })
  }

  /** A generation has these settings, and the arbiter has loaded these files for it. */
  follow(settings: WatchSettings, files: readonly string[]): void {
    if (settings.reload !== this.#reload) this.#switchTo(settings.reload)
    if (settings.reload === false) return
    const { extra, isIgnored } = this.#filters(settings)
    this.#add(this.#wanted.begin(extra, isIgnored))
    this.saw(files.map(stampOf))
  }

  /** They were loaded, or would have been. */
  saw(files: readonly SeenFile[]): void {
    if (this.#reload === false) return
    this.#add(files.flatMap(({ path, mtime }) => this.#wanted.add(path, mtime)))
    for (const { path } of files) if (this.#hasChanged(path)) this.#settle.note(path)
  }

  /** A load has failed after it had come to these files. */
  loadFailed(files: readonly string[]): void {
    this.#wanted.tryAgain()
    this.saw(files.map(stampOf))
  }

  async close(): Promise<void> {
    this.#settle.close()
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
    const { FileWatch } = await import('./file-watch.ts') // chokidar, which costs a production server nothing
    const { onWarning } = this.#options
    return new FileWatch({
      poll,
      isWanted: (path, stats) => this.#isWanted(path, stats),
      onEvent: (event, path) => this.#onEvent(event, path),
      onFallback: (reason) =>
        onWarning(`reload: ${reason}: the files are polled from now on, which costs processor time`),
      onError: (error) => onWarning(`reload: not all files can be watched: ${String(error)}`),
    })
  }

  #add(paths: readonly string[]): void {
    if (paths.length > 0) this.#guard(async () => (await this.#watch)?.add(paths))
  }

  #isWanted(path: string, stats: Stats | undefined): boolean {
    if (stats === undefined) return this.#wanted.wants(path) || this.#wanted.leadsTo(path)
    return stats.isDirectory() ? this.#wanted.leadsTo(path) : stats.isFile() && this.#wanted.wants(path)
  }

  #onEvent(event: FileEvent, path: string): void {
    if (!this.#wanted.wants(path)) return
    const isChange = event !== 'add' || this.#hasChanged(path)
    if (event === 'unlink') this.#wanted.forget(path)
    if (isChange) this.#settle.note(path)
  }

  /**
   * Since it was loaded; of a file that nobody has loaded, since the watch began. Nobody loads a file that is
   * not there.
   */
  #hasChanged(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return false
    const stamp = this.#wanted.stampOf(path)
    return stamp === undefined ? stats.ctimeMs >= this.#since : stats.isFile() && stats.mtimeMs !== stamp
  }

  #guard(step: () => Promise<unknown>): void {
    step().catch((error: unknown) =>
      this.#options.onWarning(`reload: the files cannot be watched: ${String(error)}`),
    )
  }
}

/** As it is now. */
function stampOf(path: string): SeenFile {
  return { path, mtime: statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? null }
}
