// Runs in the arbiter, with the setting `reload`: the files to watch, and their directories. These are loaded
// files, files that an import did not find, and extra files; also those of the previous generation, because
// the workers of this one may not have loaded them yet.

import { dirname, extname } from 'node:path'
import type { ExtraFiles } from './extra-files.ts'
import { isWithin, type IsIgnored } from './ignored.ts'

/** The modification time of each file when it was loaded; null for a missing file. */
type Stamps = Map<string, number | null>

export class WatchedFiles {
  readonly #base: string
  readonly #directories = new Set<string>()
  #extra: ExtraFiles
  #isIgnored: IsIgnored
  #before: Stamps = new Map()
  #stamps: Stamps = new Map()

  constructor(base: string, extra: ExtraFiles, isIgnored: IsIgnored) {
    this.#base = base
    this.#extra = extra
    this.#isIgnored = isIgnored
  }

  /** Call when a new generation is loaded. Returns the paths to watch for its extra files. */
  begin(extra: ExtraFiles, isIgnored: IsIgnored): readonly string[] {
    this.#extra = extra
    this.#isIgnored = isIgnored
    this.#before = this.#stamps
    this.#stamps = new Map()
    return extra.bases.flatMap((base) => [...this.#addDirectory(base), base])
  }

  /** Call when a load has failed: the files that it tried are added to those watched before. */
  tryAgain(): void {
    this.#before = new Map([...this.#before, ...this.#stamps])
    this.#stamps = new Map()
  }

  /**
   * Adds a loaded file. Returns the paths to watch for it. A second call for the same file does not change
   * its time.
   */
  add(path: string, mtime: number | null): readonly string[] {
    if (!this.#stamps.has(path)) this.#stamps.set(path, mtime)
    if (mtime === null) this.#directories.add(path) // the import may have meant a directory
    return [...this.#addDirectory(dirname(path)), path]
  }

  /** Returns the modification time when it was loaded; undefined if it was not loaded. */
  stampOf(path: string): number | null | undefined {
    return this.#stamps.has(path) ? this.#stamps.get(path) : this.#before.get(path)
  }

  /** Call when the file was removed: if it is created again, it counts as changed. */
  forget(path: string): void {
    if (this.#stamps.has(path)) this.#stamps.set(path, null)
    this.#before.delete(path)
  }

  /** Whether the file is watched. */
  includes(path: string): boolean {
    if (this.#stamps.has(path) || this.#before.has(path)) return true
    return !this.#isIgnored(path) && (this.#extra.matches(path) || this.#wasMissing(path))
  }

  /** Whether the directory may contain a watched file. */
  mayContain(directory: string): boolean {
    return (
      this.#directories.has(directory) || (!this.#isIgnored(directory) && this.#extra.mayContain(directory))
    )
  }

  /** `./x` may have meant `x.ts` or `x/index.ts`, and `./x.js` the file `x.ts`. */
  #wasMissing(path: string): boolean {
    return [...this.#stamps].some(([missing, mtime]) => {
      if (mtime !== null) return false
      const stem = missing.slice(0, missing.length - extname(missing).length)
      return (
        path.startsWith(`${missing}.`) || path.startsWith(`${missing}/index.`) || path.startsWith(`${stem}.`)
      )
    })
  }

  /**
   * Returns the directories that are not watched yet, from the base on: a file may be removed and created
   * again together with its directory.
   */
  #addDirectory(directory: string): readonly string[] {
    const entered: string[] = []
    for (let each = directory; ; each = dirname(each)) {
      if (!this.#directories.has(each)) entered.unshift(each)
      this.#directories.add(each)
      if (each === this.#base || !isWithin(each, this.#base)) return entered
    }
  }
}
