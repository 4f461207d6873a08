// Runs in a program: creates a server whose arbiter is the process of that program.

import { fileURLToPath } from 'node:url'
import { isMainThread } from 'node:worker_threads'
import type { ConfigExport } from '../../config/define-config.ts'
import type { WorkerView } from '../../config/hooks/views.ts'
import { createCommand, parseArguments, type Arguments } from '../../config/sources/flags.ts'
import type { Status } from '../../control/protocol.ts'
import { environmentNames } from '../../ipc/environment.ts'
import { ownVersion } from '../../ipc/home.ts'
import { ServerStateError } from '../server-errors.ts'
import type { ServerEventMap } from '../server-events.ts'
import type { ServerOptions } from './options.ts'
import { ProgramHost } from './program-host.ts'
import { OwnServer, type ServerPhase } from '../own-server.ts'

/** What createServer() serves: a config as a value, a function that returns one, or the path of a file. */
export type ServerConfig = ConfigExport | string | URL

type Listener<Name extends keyof ServerEventMap> = (event: ServerEventMap[Name]) => void

/** A server whose master is the process that has created it. */
export interface Server {
  /** `created`, `starting`, `serving`, `stopping` or `stopped`. */
  readonly state: ServerPhase
  /** The URLs at which it serves, with the port that the kernel has chosen; none before it is bound. */
  readonly addresses: readonly string[]
  /**
   * Resolves when the server has stopped for any reason, with the exit code that the command tsgun would
   * have.
   */
  readonly ended: Promise<number>
  /**
   * Loads the config, binds the sockets and starts the workers. Resolves when all of them serve. Rejects
   * with a ConfigError, or with a StartError; then nothing is left of the attempt.
   */
  start(): Promise<void>
  /**
   * Loads the config again, or `config` instead of it, and replaces the workers one at a time. Resolves when
   * all of them run it. Rejects with a ReloadError; then the old generation keeps serving.
   */
  reload(config?: ServerConfig): Promise<void>
  /** Wants this many workers, until the next reload. Resolves when the order is accepted. */
  scale(workers: number): Promise<void>
  /** Reopens the log files after another program has renamed them. */
  reopen(): Promise<void>
  /**
   * Stops the server: workers finish their requests within `graceful_timeout`. `quick`: at once. Resolves
   * when everything has ended that the server has started. It cannot be started again.
   */
  stop(options?: { readonly quick?: boolean }): Promise<void>
  /** The same object as `status` of the control socket. Throws a ServerStateError when it does not run. */
  status(): Status
  /** Every worker process. Throws a ServerStateError when it does not run. */
  workers(): readonly WorkerView[]
  /** Calls `listener` with each event of this name; `event` is every event. */
  on<Name extends keyof ServerEventMap>(name: Name, listener: Listener<Name>): this
  once<Name extends keyof ServerEventMap>(name: Name, listener: Listener<Name>): this
  off<Name extends keyof ServerEventMap>(name: Name, listener: Listener<Name>): this
  /** Stops it, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * Creates a server, whose master is this process; nothing is loaded, bound or started before `start()`.
 * Throws a ServerStateError in a worker thread.
 */
export function createServer(config: ServerConfig, options: ServerOptions = {}): Server {
  if (!isMainThread)
    throw new ServerStateError('createServer() works in the main thread only: workers end with their thread')
  return new ProgramServer(config, options)
}

class ProgramServer extends OwnServer implements Server {
  readonly #config: { value: ServerConfig }

  constructor(config: ServerConfig, options: ServerOptions) {
    const present = { value: config }
    const { directory = process.cwd(), args } = options
    const program = { config: () => (isPath(present.value) ? undefined : present.value) }
    super({
      version: ownVersion(),
      host: new ProgramHost(program, options),
      input: {
        get arguments() {
          return argumentsOf(present.value, args ?? [])
        },
        environment: environmentFor(args),
        execArgv: [],
        directory,
      },
    })
    this.#config = present
  }

  get state(): ServerPhase {
    return this.phase
  }

  override async reload(config?: ServerConfig): Promise<void> {
    const before = this.#config.value
    if (config !== undefined) this.#config.value = config
    try {
      await super.reload()
    } catch (error) {
      if (this.#config.value === config) this.#config.value = before
      throw error
    }
  }

  async scale(workers: number): Promise<void> {
    if (!Number.isInteger(workers) || workers < 1 || workers > 1024)
      throw new RangeError(`expected a whole number of workers from 1 to 1024; got ${workers}`)
    await this.order({ type: 'scale', to: workers })
  }

  async reopen(): Promise<void> {
    await this.order({ type: 'reopen' })
  }

  override stop(options: { readonly quick?: boolean } | 'graceful' | 'quick' = {}): Promise<void> {
    if (typeof options === 'string') return super.stop(options)
    return super.stop(options.quick === true ? 'quick' : 'graceful')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

function isPath(config: ServerConfig): config is string | URL {
  return typeof config === 'string' || config instanceof URL
}

function argumentsOf(config: ServerConfig, words: readonly string[]): Arguments {
  const where = 'args'
  const given = parseArguments(words, where, createCommand().helpOption(false))
  const problems =
    given.configFile === undefined
      ? given.problems
      : [...given.problems, { where, name: '--config', message: 'createServer() has a config already' }]
  const configFile = isPath(config) ? (config instanceof URL ? fileURLToPath(config) : config) : undefined
  return { ...given, problems, configFile }
}

/** The flags of an operator count only for a program that passes its own on. */
function environmentFor(args: readonly string[] | undefined): NodeJS.ProcessEnv {
  const environment = { ...process.env }
  if (args === undefined) delete environment[environmentNames.commandArguments]
  return environment
}
