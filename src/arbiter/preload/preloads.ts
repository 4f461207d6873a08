// Runs in the arbiter: runs preload() once for each generation, at the start and at a reload, when everything
// else that can fail is checked. A failure refuses the generation.

import { readFileSync } from 'node:fs'
import { mayExportPreload } from '../../config/app/preload-export.ts'
import { findAppFile } from '../../config/app/resolve-module.ts'
import { messageOf } from '../../os/error-message.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { SharedMemoryCalls } from '../../os/system/shared-memory.ts'
import type { PreloadResult } from '../../sharing/manifest.ts'
import type { Emit } from '../model/events.ts'
import type { Generation, SharedOfGeneration } from '../model/generation.ts'
import type { StartWorker } from '../model/system.ts'
import { workerStart, type BootFacts } from '../pool/process/boot-message.ts'
import { bootAllowance } from '../pool/stuck.ts'
import { removeStale, type LockCalls } from './directories.ts'
import { GenerationMemory } from './generation-memory.ts'
import { PreloadFailure, PreloadStopped, runPreloadProcess, type PreloadRun } from './preload-process.ts'

export interface PreloadsParts {
  readonly startWorker: StartWorker
  readonly clock: Pick<Clock, 'now' | 'after'>
  readonly emit: Emit
  readonly native: LockCalls
  /** Called once, when it is needed. */
  readonly loadMemory: () => Pick<SharedMemoryCalls, 'create'> | Error
  readonly facts: () => Omit<BootFacts, 'now'>
}

/** Where preload() is, if the generation has one. */
interface PreloadModule {
  readonly module: string
  readonly isNamed: boolean
}

export class Preloads {
  readonly #parts: PreloadsParts
  #memory: ReturnType<PreloadsParts['loadMemory']> | undefined
  readonly #kept = new Set<SharedOfGeneration>()
  #running: PreloadRun | undefined
  #isStopped = false

  constructor(parts: PreloadsParts) {
    this.#parts = parts
  }

  /** The server stops: what runs is ended at once. */
  stop(): void {
    this.#isStopped = true
    this.#running?.stop()
  }

  /** All processes of all generations have ended. */
  close(): void {
    for (const shared of this.#kept) this.release(shared)
  }

  /**
   * Of the start: passes on what is shared. Resolves with false when the server is stopped meanwhile. Rejects
   * with a PreloadFailure.
   */
  async begin(first: Generation, take: (shared: SharedOfGeneration | undefined) => void): Promise<boolean> {
    try {
      take(await this.prepare(first))
      return true
    } catch (error) {
      if (error instanceof PreloadStopped) return false
      throw error
    }
  }

  /**
   * Resolves with undefined when the generation has no preload(). Rejects with a PreloadFailure, or a
   * PreloadStopped.
   */
  async prepare(generation: Generation): Promise<SharedOfGeneration | undefined> {
    const found = moduleOf(generation)
    if (found === undefined) return undefined
    const { emit, clock } = this.#parts
    const begun = clock.now()
    emit({ type: 'preloading', module: found.module })
    const memory = this.#makeMemory(generation, found)
    try {
      const result = await this.#run(generation, memory)
      if (result === null) return void memory.discard()
      const shared = memory.keep(result)
      this.#kept.add(shared)
      const size = result.data.size + result.files.reduce((sum, each) => sum + each, 0)
      const { copies } = memory
      emit({ type: 'preloaded', module: found.module, took: clock.now() - begun, size, copies })
      return shared
    } catch (error) {
      memory.discard()
      if (error instanceof PreloadFailure) emit({ type: 'preload_failed', error: error.report })
      throw error
    }
  }

  /** All processes of this generation have ended. */
  release(shared: SharedOfGeneration | undefined): void {
    if (shared && this.#kept.delete(shared)) shared.release()
  }

  #makeMemory({ number, config }: Generation, found: PreloadModule): GenerationMemory {
    const { native, loadMemory } = this.#parts
    try {
      if (this.#memory === undefined) removeStale(native)
      const memory = (this.#memory ??= loadMemory())
      return new GenerationMemory({ ...found, number, identity: config.identity }, { native, memory })
    } catch (error) {
      const message = `preload() of ${found.module} has no place for what it returns: ${messageOf(error)}`
      throw new PreloadFailure({ message, stack: '' })
    }
  }

  async #run(generation: Generation, memory: GenerationMemory): Promise<PreloadResult | null> {
    if (this.#isStopped) throw new PreloadStopped('the server stops')
    const { startWorker, clock, facts } = this.#parts
    const { settings, durations } = generation.config
    const record = { nr: 0, age: 0, trial: 0, generation: generation.number, deadline: null }
    const start = workerStart(record, generation, { ...facts(), now: clock.now() })
    const limit = durations.boot_timeout
    const bootWithin = limit === 0 ? null : limit
    this.#running = runPreloadProcess({
      start: {
        ...start,
        boot: { ...start.boot, bootWithin, preload: memory.task },
        listeners: [],
        files: memory.descriptors,
      },
      startWorker,
      clock,
      limit,
      allowance: bootAllowance(settings),
    })
    return this.#running.result.finally(() => (this.#running = undefined))
  }
}

/** The setting `preload` counts, else the module of the app, if its source looks as if it had a preload(). */
function moduleOf({ config }: Generation): PreloadModule | undefined {
  if (config.preloadFile !== null) return { module: config.preloadFile, isNamed: true }
  const module = config.appFile ?? findAppFile(config.settings.app ?? '', config.directory).file
  if (module === null || !mayExportPreload(sourceOf(module))) return undefined
  return { module, isNamed: false }
}

/** A file that cannot be read is reported by the worker that loads it. */
function sourceOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
