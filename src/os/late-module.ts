// Any process: a module that most processes do not need. Once it is loaded it can be had again although its
// file was removed with the release of the start, which import() does not allow.

export class LateModule<Module> {
  readonly #import: () => Promise<Module>
  #loaded: Promise<Module> | undefined

  /** `load`: imports it. */
  constructor(load: () => Promise<Module>) {
    this.#import = load
  }

  /** Rejects when it cannot be imported; the next call tries again. */
  async load(): Promise<Module> {
    this.#loaded ??= this.#import()
    try {
      return await this.#loaded
    } catch (error) {
      this.#loaded = undefined
      throw error
    }
  }
}
