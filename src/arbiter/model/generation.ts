// Runs in the arbiter: one load of the config with all that belongs to it. Workers of a generation run its
// settings, its hooks and its compiled code, whatever has become of the files since.

import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, type ConfigInput, type LoadedConfig } from '../../config/load.ts'
import type { ArbiterLoader } from '../../modules/loader.ts'
import { isCompiled } from '../../modules/paths.ts'
import { shareStore, touchStore } from '../../modules/store.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { HookRunner, type HookFailure } from '../../config/hooks/runner.ts'
import type { Listener } from '../../listen/listener.ts'
import { cpuCount } from '../../os/limits/cpu-count.ts'
import type { ErrorReport } from '../../ipc/messages.ts'
import type { Identity } from '../../os/process/identity.ts'

export interface Generation {
  /** 1 at the start. */
  readonly number: number
  readonly config: LoadedConfig
  readonly hooks: HookRunner
  /** The directory with its compiled code. */
  readonly codeStore: string
  /** `workers`, with "auto" as a number. */
  readonly workers: number
  /** With `reload`: the files that the arbiter has loaded for it. */
  readonly files?: readonly string[]
  /** With `reload`: its code cannot be run, for this reason. */
  readonly broken?: ErrorReport
  /** Where its workers accept; none until they are open. */
  readonly listeners: readonly Listener[]
}

export interface GenerationSource {
  readonly input: Omit<ConfigInput, 'loader'>
  readonly loader: ArbiterLoader
  readonly onHookFailure: (failure: HookFailure) => void
}

/**
 * Loads generations one after another, each into a directory of its own below one that only this user (and
 * its workers) may enter.
 */
export class GenerationLoader {
  readonly #source: GenerationSource
  readonly #root: string
  readonly #stores = new Set<string>()
  #identity: Identity | undefined
  #count = 0
  #watches = false
  #tried: readonly string[] = []

  constructor(source: GenerationSource) {
    this.#source = source
    this.#root = makeRoot()
  }

  /** Rejects with a ConfigError for a user's mistake; then nothing is left of the try. */
  async next(): Promise<Generation> {
    const number = (this.#count += 1)
    const codeStore = join(this.#root, String(number))
    mkdirSync(codeStore, { mode: 0o700 })
    this.#stores.add(codeStore)
    try {
      return await this.#load(number, codeStore)
    } catch (error) {
      this.#tried = this.#watches ? this.#source.loader.files() : []
      this.#remove(codeStore)
      throw error
    }
  }

  /** With `reload`: the files that the last load that failed had come to. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /**
   * Protects the code that is in use from the cleaning of the temporary directory. Throws when some is gone
   * already, after the rest is safe.
   */
  renew(): void {
    const failures = [...this.#stores].flatMap((directory) => failureOf(() => touchStore(directory)))
    if (failures.length > 0) throw failures[0]
  }

  /** No worker of the generation lives any more, and none will be started. */
  discard({ codeStore }: Pick<Generation, 'codeStore'>): void {
    this.#remove(codeStore)
  }

  /** The master is about to exit. */
  discardAll(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  async #load(number: number, codeStore: string): Promise<Generation> {
    const { input, loader, onHookFailure } = this.#source
    loader.begin(codeStore)
    const loaded = await loadConfig({ ...input, loader })
    // Who the workers are is settled by the start, as `user`, `group` and `initgroups` are.
    const identity = (this.#identity ??= loaded.identity)
    const config = { ...loaded, identity }
    if (identity.gid !== undefined) this.#share(codeStore, identity.gid)
    const { settings, appFile } = config
    if (appFile !== null && isCompiled(appFile)) await loader.precompile(appFile)
    const hooks = new HookRunner({
      sources: config.hooks,
      timeout: settings.hook_timeout * 1000,
      onFailure: onHookFailure,
    })
    this.#watches = settings.reload !== false
    return {
      number,
      config,
      hooks,
      codeStore,
      workers: settings.workers === 'auto' ? cpuCount() : settings.workers,
      files: this.#filesOf(config),
      listeners: [],
    }
  }

  #filesOf({ file, hookFiles }: LoadedConfig): readonly string[] {
    if (!this.#watches) return []
    return [...new Set([...(file === null ? [] : [file]), ...hookFiles, ...this.#source.loader.files()])]
  }

  /** Workers of another user get in by their group, and read. */
  #share(codeStore: string, gid: number): void {
    chownSync(this.#root, -1, gid)
    chmodSync(this.#root, 0o710)
    shareStore(codeStore, gid)
  }

  #remove(codeStore: string): void {
    this.#stores.delete(codeStore)
    rmSync(codeStore, { recursive: true, force: true })
  }
}

/** How the paths of all compiled code of this master begin. */
export function codeStores(): string {
  return join(tmpdir(), `tsgun-${process.pid}-`)
}

/** The compiled code of all generations lies below it. Throws a ConfigError when it cannot be made. */
function makeRoot(): string {
  try {
    return mkdtempSync(codeStores())
  } catch (error) {
    const message = `expected a directory that can be written, for compiled code; got "${tmpdir()}"`
    throw new ConfigError([{ where: 'environment', name: 'TMPDIR', message }], { cause: error })
  }
}

function failureOf(step: () => void): unknown[] {
  try {
    step()
    return []
  } catch (error) {
    return [error]
  }
}
