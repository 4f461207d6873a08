// Runs in the arbiter: one load of the config with all that belongs to it. Workers of a generation run its settings, its hooks and its
// compiled code, whatever has become of the files since.

import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { loadConfig } from '../config/load.ts'
import type { ConfigInput, LoadedConfig } from '../config/load.ts'
import type { ArbiterLoader } from '../config/modules/loader.ts'
import { shareStore, touchStore } from '../config/modules/store.ts'
import { ConfigError } from '../config/problem.ts'
import { HookRunner } from '../config/run-hook.ts'
import type { HookFailure } from '../config/run-hook.ts'
import type { Listener } from '../listen/listener.ts'
import { cpuCount } from '../os/cpu-count.ts'
import type { Identity } from '../os/identity.ts'
import { appFileToCompile } from '../config/app-file.ts'

export interface Generation {
  /** 1 at the start. */
  readonly number: number
  readonly config: LoadedConfig
  readonly hooks: HookRunner
  /** The directory with its compiled code. */
  readonly codeStore: string
  /** `workers`, with "auto" as a number. */
  readonly workers: number
  /** Where its workers accept; none until they are open. */
  readonly listeners: readonly Listener[]
}

export interface GenerationSource {
  readonly input: Omit<ConfigInput, 'loader'>
  readonly loader: ArbiterLoader
  readonly onHookFailure: (failure: HookFailure) => void
}

/** Loads generations one after another, each into a directory of its own below one that only this user (and its workers) may enter. */
export class GenerationLoader {
  readonly #source: GenerationSource
  readonly #root: string
  readonly #stores = new Set<string>()
  #identity: Identity | undefined
  #count = 0

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
      this.#remove(codeStore)
      throw error
    }
  }

  /** Protects the code that is in use from the cleaning of the temporary directory. Throws when some is gone already, after the rest is safe. */
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
    const { settings } = config
    const appFile = appFileToCompile(settings.app ?? '', resolve(input.directory, settings.chdir))
    if (appFile !== undefined) await loader.precompile(appFile)
    const hooks = new HookRunner({ sources: config.hooks, timeout: settings.hook_timeout * 1000, onFailure: onHookFailure })
    const workers = settings.workers === 'auto' ? cpuCount() : settings.workers
    return { number, config, hooks, codeStore, workers, listeners: [] }
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

/** The compiled code of all generations lies below it. Throws a ConfigError when it cannot be made. */
function makeRoot(): string {
  try {
    return mkdtempSync(join(tmpdir(), `tsgun-${process.pid}-`))
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
