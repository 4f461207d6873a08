// Runs in the arbiter: the generations of a reload, each with what its preload() has returned. That runs
// last, because it takes longest.

import { ConfigError } from '../../config/problems/problem.ts'
import type { Generation, GenerationSource } from '../model/generation.ts'
import { PreloadFailure, PreloadStopped } from './preload-process.ts'
import type { Preloads } from './preloads.ts'

export class PreloadedSource implements GenerationSource {
  readonly #source: GenerationSource
  readonly #preloads: Pick<Preloads, 'prepare' | 'release'>

  constructor(source: GenerationSource, preloads: Pick<Preloads, 'prepare' | 'release'>) {
    this.#source = source
    this.#preloads = preloads
  }

  async next(): Promise<Generation> {
    const generation = await this.#source.next()
    try {
      return { ...generation, shared: await this.#preloads.prepare(generation) }
    } catch (error) {
      this.#source.discard(generation)
      const isKnown = error instanceof PreloadFailure || error instanceof PreloadStopped
      throw isKnown
        ? new ConfigError([{ where: '', name: '', message: error.message }], { cause: error })
        : error
    }
  }

  discard(generation: Generation): void {
    this.#preloads.release(generation.shared)
    this.#source.discard(generation)
  }

  renew(): void {
    this.#source.renew()
  }
}
