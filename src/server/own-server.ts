// Runs in the process that is the arbiter: a server as an object, for the command and for programs. The rest
// of src/server does the work; here is its order, and what a caller may do when.

import { EventEmitter } from 'node:events'
import type { Order } from '../arbiter/model/orders.ts'
import { workersOf } from '../arbiter/model/view.ts'
import type { WorkerView } from '../config/hooks/views.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { statusOf, type ControlledServer } from '../control/arbiter-target.ts'
import type { Status } from '../control/protocol.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import type { Host } from './host.ts'
import { prepare, type Prepared, type ServerInput } from './prepare.ts'
import { serve } from './serve.ts'
import { StartError } from './start-error.ts'
import { ReloadError, ServerStateError } from './server-errors.ts'
import { serverEvent, type ServerEvent } from './server-events.ts'

export interface ServerParts {
  readonly input: ServerInput
  readonly host: Host
  readonly version: string
}

interface Running {
  readonly server: ControlledServer
  readonly interrupt: () => void
}

export type ServerPhase = 'created' | 'starting' | 'serving' | 'stopping' | 'stopped'

export class OwnServer extends EventEmitter {
  readonly #parts: ServerParts
  #prepared: Promise<Prepared> | undefined
  #running: Running | undefined
  #ended: Promise<number> | undefined
  #phase: ServerPhase = 'created'

  constructor(parts: ServerParts) {
    super()
    this.#parts = parts
  }

  get phase(): ServerPhase {
    return this.#phase
  }

  /** Loads the config, once. Rejects with a ConfigError. */
  load(): Promise<Prepared> {
    const { input, host, version } = this.#parts
    this.#prepared ??= prepare(input, host, version)
    return this.#prepared
  }

  /** Resolves when the workers serve. Rejects with a ConfigError or a StartError. */
  async start(): Promise<void> {
    if (this.#phase !== 'created')
      throw new ServerStateError(`start() can be called once; this server is ${this.#phase}`)
    this.#phase = 'starting'
    let onReady = (): void => undefined
    const ready = new Promise<void>((resolve) => {
      onReady = resolve
    })
    const run = this.#run(() => {
      if (this.#phase === 'starting') this.#phase = 'serving'
      onReady()
    })
    this.#ended = run.catch((error: unknown) => this.#codeOf(error))
    const end = run.then(() => {
      throw new StartError('it was stopped before its workers served', exitCodes.ok.code)
    })
    await Promise.race([ready, end])
  }

  /**
   * Resolves with the exit code when the server has stopped, whatever the reason. Rejects for a defect of
   * tsgun.
   */
  get ended(): Promise<number> {
    return this.#ended ?? Promise.reject(new ServerStateError('this server was not started'))
  }

  /** Stops the server, also one that still starts. Resolves when it has stopped. */
  async stop(mode: 'graceful' | 'quick'): Promise<void> {
    const running = this.#running
    if (this.#phase === 'created') this.#phase = 'stopped'
    else if (this.#phase !== 'stopped') this.#phase = 'stopping'
    running?.interrupt()
    running?.server.commands.put({ type: 'order', order: { type: 'stop', mode } })
    await this.#ended
  }

  /** Resolves when the new generation serves. Rejects with a ReloadError, and when the server stops. */
  async reload(): Promise<void> {
    const { narration } = this.#served('reload()').server
    const ends = new Map<number, string | undefined>()
    let look = (): void => undefined
    let stops = false
    const unsubscribe = narration.subscribe(({ event }) => {
      if (event.type === 'reloaded') ends.set(event.attempt, undefined)
      if (event.type === 'reload_failed') ends.set(event.attempt, event.reason)
      stops ||= event.type === 'stopping'
      look()
    })
    try {
      const attempt = (await this.order({ type: 'reload' })) ?? 0
      while (!ends.has(attempt) && !stops) await new Promise<void>((resolve) => (look = resolve))
      const reason = ends.get(attempt)
      if (reason !== undefined) throw new ReloadError(reason)
      if (!ends.has(attempt)) throw new ServerStateError('the server stops')
    } finally {
      unsubscribe()
    }
  }

  /** Resolves with the attempt of a reload when the order is accepted. Rejects with a ServerStateError. */
  order(order: Order): Promise<number | undefined> {
    const { commands } = this.#served(order.type).server
    return new Promise((resolve, reject) => {
      const onResult = (result: { taken: boolean; why?: string; attempt?: number }): void =>
        result.taken ? resolve(result.attempt) : reject(new ServerStateError(result.why))
      commands.put({ type: 'order', order, onResult })
    })
  }

  status(): Status {
    return statusOf(this.#served('status()').server.snapshot())
  }

  workers(): readonly WorkerView[] {
    return workersOf(this.#served('workers()').server.snapshot())
  }

  /** URLs; none before the sockets are open. */
  get addresses(): readonly string[] {
    return this.#running?.server.snapshot().listeners ?? []
  }

  /** Throws a ServerStateError where there is no server yet, or no longer. */
  #served(what: string): Running {
    if (this.#running === undefined || this.#phase === 'stopped')
      throw new ServerStateError(`${what} needs a server that runs; this one is ${this.#phase}`)
    return this.#running
  }

  async #run(onReady: () => void): Promise<number> {
    const { host, version } = this.#parts
    try {
      const prepared = await this.load()
      if (this.#phase !== 'starting') return exitCodes.ok.code // stopped meanwhile
      const onComposed = (server: ControlledServer, interrupt: () => void): void => {
        this.#running = { server, interrupt }
        server.narration.subscribe((narrated) => this.#publish(serverEvent(narrated)))
      }
      return await serve({ prepared, host, version, onComposed, onReady })
    } finally {
      await this.discard()
      this.#phase = 'stopped'
    }
  }

  /** Removes the temporary files of a loaded config. Never rejects. */
  async discard(): Promise<void> {
    const prepared = await this.#prepared?.catch(() => undefined) // start() or load() rejects with it
    prepared?.discard()
  }

  /** What a listener throws is an uncaught error of the program, as of any emitter. */
  #publish(event: ServerEvent): void {
    try {
      this.emit('event', event)
      this.emit(event.event, event)
    } catch (error) {
      queueMicrotask(() => {
        throw error
      })
    }
  }

  #codeOf(error: unknown): number {
    if (error instanceof StartError || error instanceof ConfigError) return error.exitCode
    if (this.#running === undefined) return exitCodes.internal.code // start() rejects with it
    throw error
  }
}
