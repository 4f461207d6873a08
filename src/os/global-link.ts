// Connects what an app imports from the package to the server that runs it. Any process. By a global symbol
// and not a module, because the app may import another copy of the package than the one that was started (a
// global command), or require() it. A copy that does not know the version of a link ignores it.

import { isObject } from './type-checks.ts'

export class GlobalLink<Link extends object> {
  readonly #key: symbol
  readonly #version: number
  readonly #call: keyof Link & string

  /**
   * `version` changes with every change of `Link`, so that incompatible copies of the package ignore each
   * other. `call`: the function by which a link is recognised.
   */
  constructor(name: string, version: number, call: keyof Link & string) {
    this.#key = Symbol.for(name)
    this.#version = version
    this.#call = call
  }

  /** Returns undefined where none is installed, for example outside of a server. */
  find(): Link | undefined {
    const found: unknown = Reflect.get(globalThis, this.#key)
    const isKnown =
      isObject(found) && found['version'] === this.#version && typeof found[this.#call] === 'function'
    return isKnown ? (found as Link) : undefined // of this version
  }

  /** Returns a function that removes it, unless another one has replaced it. */
  install(link: Link): () => void {
    const value = { ...link, version: this.#version }
    Object.defineProperty(globalThis, this.#key, {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    })
    return () => {
      if (Reflect.get(globalThis, this.#key) === value) Reflect.deleteProperty(globalThis, this.#key)
    }
  }
}
