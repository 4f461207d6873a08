// Runs in the arbiter, with the setting `reload`: the files whose change counts, and the directories in which
// they are. Files that were loaded, files that were looked for in vain, and the extra files. Those of the
// generation before count too, because the workers of this one may not have come to load them yet.

import { dirname, extname } from 'node:path'
import type { ExtraFiles } from './extra-files.ts'
import { isWithin, type IsIgnored } from './ignored.ts'

/** When each file was last changed before it was loaded; null for one that was missing. */
type Stamps = Map<string, number | null>

export class WantedFiles {
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

  /** A new generation is loaded. Answers where to look for its extra files. */
  begin(extra: ExtraFiles, isIgnored: IsIgnored): readonly string[] {
    this.#extra = extra
    this.#isIgnored = isIgnored
    this.#before = this.#stamps
    this.#stamps = new Map()
    return extra.bases.flatMap((base) => [...this.#enter(base), base])
  }

  /** A load has failed: what it tried counts from now on, beside all that counted before. */
  tryAgain(): void {
    this.#before = new Map([...this.#before, ...this.#stamps])
    this.#stamps = new Map()
  }

  /**
   * Answers what is to be watched for the file. The first time counts: what changes after that is a change.
   */
  add(path: string, mtime: number | null): readonly string[] {
    if (!this.#stamps.has(path)) this.#stamps.set(path, mtime)
    if (mtime === null) this.#directories.add(path) // it may have meant a directory
    return [...this.#enter(dirname(path)), path]
  }

  /** Its time of change when it was loaded; undefined when nobody has loaded it. */
  stampOf(path: string): number | null | undefined {
    return this.#stamps.has(path) ? this.#stamps.get(path) : this.#before.get(path)
  }

  /** It is there no more: when it comes back, it has changed. */
  forget(path: string): void {
    if (this.#stamps.has(path)) this.#stamps.set(path, null)
    this.#before.delete(path)
  }

  wants(path: string): boolean {
    if (this.#stamps.has(path) || this.#before.has(path)) return true
    return !this.#isIgnored(path) && (this.#extra.matches(path) || this.#wasMissed(path))
  }

  /** Whether a wanted file may be in it. */
  leadsTo(directory: string): boolean {
    return this.#directories.has(directory) || (!this.#isIgnored(directory) && this.#extra.leadsTo(directory))
  }

  /** `./x` may have meant `x.ts` or `x/index.ts`, and `./x.js` the file `x.ts`. */
  #wasMissed(path: string): boolean {
    return [...this.#stamps].some(([missed, mtime]) => {
      if (mtime !== null) return false
      const stem = missed.slice(0, missed.length - extname(missed).length)
      return (
        path.startsWith(`${missed}.`) || path.startsWith(`${missed}/index.`) || path.startsWith(`${stem}.`)
      )
    })
  }

  /**
   * A file that is removed with its directory may come back with it, so all directories from the base on are
   * watched.
   */
  #enter(directory: string): readonly string[] {
    const entered: string[] = []
    for (let each = directory; ; each = dirname(each)) {
      if (!this.#directories.has(each)) entered.unshift(each)
      this.#directories.add(each)
      if (each === this.#base || !isWithin(each, this.#base)) return entered
    }
  }
}
