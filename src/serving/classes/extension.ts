// Runs in a worker, only with a worker class of the user: where its code is called, and what becomes of the
// errors of that code.

import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ReportError, RequestHandler } from '../../app/model/app.ts'
import { createFailures } from '../../app/requests/failures.ts'
import type { WorkerDrain, WorkerService } from './definition.ts'
import { Next } from './next.ts'
import { Taken } from './taken.ts'

export interface ExtensionOptions {
  readonly service: WorkerService
  readonly report: ReportError
  /** The most connections that it may keep. */
  readonly limit: number
  /** Checks again whether the worker accepts. */
  readonly settle: () => void
}

export class Extension {
  readonly #service: WorkerService
  readonly #report: ReportError
  readonly #limit: number
  readonly #settle: () => void
  readonly #guard: (handler: RequestHandler) => RequestHandler
  readonly #taken: Taken
  /** Those that `request` has got: an event such as `checkContinue` leads to a second one. */
  readonly #admitted = new WeakSet<IncomingMessage>()
  #asksWhetherToAccept: boolean

  constructor({ service, report, limit, settle }: ExtensionOptions) {
    this.#service = service
    this.#report = report
    this.#limit = limit
    this.#settle = settle
    this.#guard = createFailures(report).guard
    this.#taken = new Taken(settle)
    this.#asksWhetherToAccept = service.mayAccept !== undefined
  }

  /** Connections that it keeps. */
  get open(): number {
    return this.#taken.size
  }

  /** Whether the worker may accept no connection, whatever its base says. */
  get isClosed(): boolean {
    return this.#taken.size >= this.#limit || !this.#mayAccept()
  }

  get takesConnections(): boolean {
    return this.#service.connection !== undefined
  }

  /** Returns whether the class keeps the connection, or its hook has failed: then it is closed. */
  takes(socket: Socket, address: string): boolean {
    try {
      if (this.#service.connection?.(socket, address) !== true) return false
      this.#taken.add(socket, address)
    } catch (error) {
      this.#report(error)
      socket.destroy()
    }
    return true
  }

  /** Absent when the class has nothing to do with requests. */
  get admit(): ((app: RequestHandler) => RequestHandler) | undefined {
    const { request, mayAccept } = this.#service
    if (request !== undefined) return (app) => this.#through(app)
    return mayAccept === undefined ? undefined : (app) => this.#following(app)
  }

  /** Requests pass through the class. */
  #through(app: RequestHandler): RequestHandler {
    const ask = this.#guard((request, response) => {
      const next = new Next(app, request, response)
      try {
        return this.#service.request?.(request, response, next.call)
      } finally {
        next.isDirect = false
      }
    })
    const handle = this.#service.mayAccept === undefined ? ask : this.#following(ask)
    return (request, response) => {
      if (this.#admitted.has(request)) return app(request, response)
      this.#admitted.add(request)
      return handle(request, response)
    }
  }

  /** Its beginning and its end may change whether the worker accepts. */
  #following(handle: RequestHandler): RequestHandler {
    return (request, response) => {
      response.once('close', this.#settle)
      const result = handle(request, response)
      this.#settle()
      return result
    }
  }

  async listen(): Promise<void> {
    await this.#service.listen?.()
  }

  /** Calls `drain` of the class; from now on the worker accepts what it has to. */
  beginDrain(within: number): void {
    this.#asksWhetherToAccept = false
    this.#taken.beginDrain(within, (drain) => this.#drainService(drain))
    this.#settle()
  }

  /**
   * Called when no connection can come any more. Resolves when the class has ended what it does, or the time
   * is over, with the connections that were cut off.
   */
  endDrain(): Promise<readonly string[]> {
    return this.#taken.endDrain()
  }

  async #drainService(drain: WorkerDrain): Promise<void> {
    try {
      await this.#service.drain?.(drain)
    } catch (error) {
      this.#report(error)
    }
  }

  #mayAccept(): boolean {
    if (!this.#asksWhetherToAccept) return true
    try {
      return this.#service.mayAccept?.() !== false
    } catch (error) {
      this.#asksWhetherToAccept = false
      this.#report(error)
      return true
    }
  }
}
