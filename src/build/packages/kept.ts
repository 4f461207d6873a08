// Runs in `tsgun build`: the packages that are not bundled, but copied: those with native addons, those that
// look for files of their own, those that the user names, and all that these need: a module that is in a
// bundle and in a package too would run twice.

import { hasAddon, lacksAddon, manifestOf, packagesFor, type Package } from './find.ts'

export class KeptPackages {
  readonly #directories = new Set<string>()
  readonly #hasAddon = new Map<string, boolean>()
  /** By name: what a bundle imports is found at the top of node_modules. */
  readonly #imported = new Map<string, string>()
  readonly #lacking = new Set<string>()
  readonly #missing = new Map<string, string>()

  /** How many there are: another pass is needed when it has grown. */
  get size(): number {
    return this.#directories.size
  }

  /** The packages to copy, with what they need. */
  get imported(): readonly Package[] {
    return [...this.#imported].map(([name, directory]) => ({ name, directory }))
  }

  /** Packages whose native addon was not found. */
  get lacking(): readonly string[] {
    return [...this.#lacking]
  }

  /** Packages that are not installed, with the directory of one that imports it. */
  get missing(): readonly (readonly [name: string, directory: string])[] {
    return [...this.#missing]
  }

  /** The import fails when it runs, which many packages expect. */
  miss(name: string, { directory }: Package): void {
    const { optional, optionalPeers } = manifestOf(directory)
    if (![...optional, ...optionalPeers].includes(name)) this.#missing.set(name, directory)
  }

  add({ directory }: Package): void {
    const waiting = [directory]
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (this.#directories.has(next)) continue
      this.#directories.add(next)
      waiting.push(...packagesFor(next).map((each) => each.directory))
    }
  }

  /** Whether an import of the package stays an import. */
  keeps(each: Package): boolean {
    if (this.#addonIn(each.directory)) this.add(each)
    return this.#directories.has(each.directory)
  }

  /** Returns the directory of another package of this name, which is imported too; undefined for none. */
  importedAs({ name, directory }: Package): string | undefined {
    const other = this.#imported.get(name)
    if (other !== undefined && other !== directory) return other
    this.#imported.set(name, directory)
    return undefined
  }

  /** Before another pass. */
  forgetImports(): void {
    this.#imported.clear()
    this.#lacking.clear()
    this.#missing.clear()
  }

  #addonIn(directory: string): boolean {
    const known = this.#hasAddon.get(directory)
    if (known === undefined && lacksAddon(directory)) this.#lacking.add(directory)
    const found = known ?? hasAddon(directory)
    this.#hasAddon.set(directory, found)
    return found
  }
}
