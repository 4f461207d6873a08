// Runs in the arbiter: loads generations. Each load of the config gets a directory of its own for its
// compiled code, below one that only this user and its workers may enter.

import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keepWords } from '../../config/app/app-problem.ts'
import { HookRunner, type HookFailure } from '../../config/hooks/runner.ts'
import { givenBootTimeout, loadConfig, type ConfigInput, type LoadedConfig } from '../../config/load.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { keepHints } from '../../config/problems/hints.ts'
import { settled } from '../../config/problems/unsettled.ts'
import { keepCron } from '../../config/schedules.ts'
import { keepParsers } from '../../config/sources/find-config.ts'
import type { ArbiterLoader } from '../../modules/loader.ts'
import { isCompiled } from '../../modules/files/paths.ts'
import { ModuleRefusal } from '../../modules/files/refusal.ts'
import { shareStore, touchStore } from '../../modules/files/store.ts'
import { hasCode } from '../../os/error-code.ts'
import { fileProblem } from '../../os/file-problem.ts'
import { SpareDescriptor } from '../../os/limits/descriptors.ts'
import { loadingShortageOf } from '../../os/limits/shortage.ts'
import { cpuCount } from '../../os/limits/cpu-count.ts'
import type { Identity } from '../../os/process/identity.ts'
import type { Generation, GenerationSource, TlsSource } from '../model/generation.ts'
import { noSockets } from '../model/sockets.ts'
import { ConfigEnvironment, type During, type LoadEnvironment } from './config-environment.ts'
import { fingerprintsOf, type CodeFiles } from './fingerprints.ts'
import { Homes, placesOf, type Home } from './homes.ts'

export interface LoaderOptions {
  readonly input: Omit<ConfigInput, 'loader'>
  readonly loader: ArbiterLoader
  readonly onHookFailure: (failure: HookFailure) => void
  /** Reads the certificates. Absent in a command that serves nothing. */
  readonly tls?: TlsSource
  /** Default: what a config does to the environment of this process belongs to its generation. */
  readonly environment?: LoadEnvironment
  /** In a process with other code than this server: loads take turns. Gets the number of the turn. */
  readonly inTurn?: <Result>(load: (turn: number) => Promise<Result>) => Promise<Result>
}

type Loaded = Omit<Generation, 'environment' | 'environmentChanges'>

export class GenerationLoader implements GenerationSource {
  readonly #options: LoaderOptions
  #root: string
  readonly #stores = new Set<string>()
  /** A directory cannot be removed without a descriptor. */
  readonly #spare = new SpareDescriptor()
  readonly #environment: LoadEnvironment
  #identity: Identity | undefined
  readonly #homes = new Homes()
  /** Milliseconds, of the config that was loaded last. */
  #bootTimeout: number | undefined
  #count = 0
  #watches = false
  #tried: readonly string[] = []

  constructor(options: LoaderOptions) {
    this.#options = options
    this.#root = makeRoot()
    this.#environment = options.environment ?? new ConfigEnvironment(options.input.environment)
  }

  async next(): Promise<Generation> {
    const number = (this.#count += 1)
    const codeStore = this.#makeStore(number)
    this.#stores.add(codeStore)
    try {
      const { result, changes } = await this.#loadInTurn(number, codeStore)
      if (number === 1) this.use({ environmentChanges: changes, tls: result.tls })
      const environment = (): NodeJS.ProcessEnv => this.#environment.of(changes)
      const loaded = { ...result, environmentChanges: changes, environment }
      return { ...loaded, fingerprints: await fingerprintsOf(loaded, this.#code) }
    } catch (error) {
      this.#tried = this.#watches ? this.#options.loader.files() : []
      this.#remove(codeStore)
      throw refusalOf(error) ?? error
    }
  }

  /** The modules of a program that was built are whole, and do not change. */
  get #code(): CodeFiles {
    const { loader, input } = this.#options
    const reach = (file: string): Promise<readonly string[]> =>
      input.built === undefined ? loader.reach(file) : Promise.resolve([file])
    return { files: () => loader.files(), reach }
  }

  /** With `reload`: the files that the last failed load had reached. */
  get tried(): readonly string[] {
    return this.#tried
  }

  /**
   * Throws when some of the code no longer exists, after the rest is safe.
   */
  renew(): void {
    const failures = [...this.#stores].flatMap((directory) => failureOf(() => touchStore(directory)))
    if (failures.length > 0) throw failures[0]
  }

  /** This generation is wanted: the hooks of the arbiter find its environment. */
  use({ environmentChanges, tls }: Pick<Generation, 'environmentChanges' | 'tls'>): void {
    this.#environment.use(environmentChanges)
    this.#options.tls?.use(tls)
  }

  discard({ codeStore }: Pick<Generation, 'codeStore'>): void {
    this.#remove(codeStore)
  }

  /** For the end of the process. */
  discardAll(): void {
    this.#spare.run(() => rmSync(this.#root, { recursive: true, force: true }))
  }

  #loadInTurn(number: number, codeStore: string): Promise<During<Loaded>> {
    const { inTurn, loader } = this.#options
    const load = (turn?: number): Promise<During<Loaded>> =>
      this.#environment.during(() => this.#load(number, codeStore, turn))
    if (inTurn === undefined) return load()
    // The program may have loaded the same files by itself, which a first turn would not see.
    return inTurn((turn) => load(turn + 1).finally(() => loader.rest()))
  }

  async #load(number: number, codeStore: string, turn: number | undefined): Promise<Loaded> {
    const { loader, onHookFailure } = this.#options
    loader.begin(codeStore, turn)
    const loaded = await this.#loadConfig()
    this.#bootTimeout = loaded.durations.boot_timeout
    // The user of the workers is fixed by the start, as `user`, `group` and `initgroups` are.
    const identity = (this.#identity ??= loaded.identity)
    const home = await this.#homeOf(loaded)
    const tls = await this.#options.tls?.load(loaded, home.directory)
    const warnings = [...loaded.warnings, ...home.warnings, ...(tls?.loaded.warnings ?? [])]
    const config = { ...loaded, identity, warnings }
    if (identity.gid !== undefined) this.#share(codeStore, identity.gid)
    const { settings } = config
    for (const file of modulesOf(config)) if (isCompiled(file)) await loader.precompile(file)
    const hooks = new HookRunner({
      sources: config.hooks,
      timeout: config.durations.hook_timeout,
      onFailure: onHookFailure,
    })
    this.#watches = settings.reload !== false
    return {
      number,
      config,
      hooks,
      codeStore,
      home: home.directory,
      workers: settings.workers === 'auto' ? cpuCount() : settings.workers,
      files: this.#filesOf(config),
      ...noSockets(),
      tasks: [],
      services: [],
      cpus: cpuCount(),
      tls,
    }
  }

  #loadConfig(): Promise<LoadedConfig> {
    const { input, loader } = this.#options
    const named: string[] = []
    const load = (file: string): ReturnType<ArbiterLoader['load']> => {
      named.unshift(file)
      return loader.load(file)
    }
    return settled(loadConfig({ ...input, loader: { load } }), {
      limit: () => (this.#bootTimeout ??= givenBootTimeout(input)) || Infinity,
      files: () => [...new Set([...named, ...loader.files()])],
    })
  }

  /** The package of tsgun that the next master is started from. */
  get presentHome(): string {
    return this.#homes.present
  }

  async #homeOf(config: LoadedConfig): Promise<Home> {
    const { input, loader, tls } = this.#options
    const home = this.#homes.next(placesOf(config, input.directory))
    // The release of the start may be removed after this reload.
    if (this.#homes.isForeign(home))
      await Promise.all([
        loader.keepCompiler(),
        keepParsers(),
        keepHints(),
        keepWords(),
        keepCron(),
        tls?.keep(),
      ])
    return home
  }

  #filesOf({ file, hookFiles, envFiles }: LoadedConfig): readonly string[] {
    if (!this.#watches) return []
    return [
      ...new Set([
        ...(file === null ? [] : [file]),
        ...hookFiles,
        ...envFiles,
        ...this.#options.loader.files(),
      ]),
    ]
  }

  /** Workers of another user enter and read by their group. */
  #share(codeStore: string, gid: number): void {
    chownSync(this.#root, -1, gid)
    chmodSync(this.#root, 0o710)
    shareStore(codeStore, gid)
  }

  /** Temporary directories are cleaned by others too: then this one is made again, under another name. */
  #makeStore(number: number): string {
    if (!existsSync(this.#root)) this.#root = makeRoot()
    const codeStore = join(this.#root, String(number))
    try {
      mkdirSync(codeStore, { mode: 0o700 })
    } catch (error) {
      throw unusable(error)
    }
    return codeStore
  }

  #remove(codeStore: string): void {
    this.#stores.delete(codeStore)
    this.#spare.run(() => rmSync(codeStore, { recursive: true, force: true }))
  }
}

/** What its processes load, besides the config. */
function modulesOf(config: LoadedConfig): ReadonlySet<string> {
  const own = [config, ...config.services, ...config.schedules]
  const files = own.flatMap(({ preloads, appFile }) => [...preloads.map(({ file }) => file), appFile])
  const ofTasks = config.tasks.map(({ file }) => file)
  return new Set([...files, ...ofTasks, config.preloadFile].filter((file) => file !== null))
}

/** The prefix of the paths of all compiled code of this arbiter. */
export function codeStores(): string {
  return join(tmpdir(), `tsgun-${process.pid}-`)
}

/** The compiled code of all generations lies below it. Throws a ConfigError when it cannot be made. */
function makeRoot(): string {
  try {
    return mkdtempSync(codeStores())
  } catch (error) {
    throw unusable(error)
  }
}

function unusable(error: unknown): ConfigError {
  const path = tmpdir()
  const problem = hasCode(error, 'ENOENT') ? 'it does not exist' : fileProblem(error, path)
  const remedy = hasCode(error, 'EROFS') ? '; mount a tmpfs there (docker: --tmpfs /tmp)' : ''
  const message =
    `expected a directory that can be written, for compiled code; got "${path}": ${problem}` + remedy
  return new ConfigError([{ where: 'environment', name: 'TMPDIR', message }], { cause: error })
}

/** The error in a line for the operator, if the machine or the installation is the cause. */
function refusalOf(error: unknown): ConfigError | undefined {
  const message = error instanceof ModuleRefusal ? error.message : loadingShortageOf(error)
  if (message === undefined) return undefined
  return new ConfigError([{ where: '', name: '', message }], { cause: error })
}

function failureOf(step: () => void): unknown[] {
  try {
    step()
    return []
  } catch (error) {
    return [error]
  }
}
