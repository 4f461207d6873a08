// Runs in a worker: with which servers an app listens, and whether they are what the worker serves. While the
// worker boots, what is refused ends the boot.

import type { ListenOptions, Server } from 'node:net'
import type { AppError } from '../../config/app/errors.ts'
import { hasMethods, read } from '../model/shapes.ts'
import { bindAddress } from './bind-address.ts'
import { awaitListen } from './await-listen.ts'
import type { ListenCalls, ListeningServer } from './listen-calls.ts'

export interface ListeningHandlers {
  /** A server of the app listens since the worker has booted. */
  readonly onListen: (listening: ListeningServer) => void
  /** The app has closed a server that the worker serves. */
  readonly onClose: () => void
}

export class AppListening {
  readonly #calls: ListenCalls
  readonly #refused: Promise<never>
  /** What kept the process alive before the app was loaded. */
  readonly #before = process.getActiveResourcesInfo()
  #handlers: ListeningHandlers | undefined

  /** Before the app is loaded. */
  constructor(calls: ListenCalls) {
    this.#calls = calls
    this.#refused = new Promise((_, reject) => {
      calls.install({
        onListen: (listening) => this.#handlers?.onListen(listening),
        onClose: () => this.#handlers?.onClose(),
        onRefused: (error) => this.#rejectBoot(error, reject),
      })
    })
    this.#refused.catch(() => undefined) // it ends the boot only while that is waited for
  }

  /** The servers that listen now, in the order in which they began. */
  get servers(): readonly ListeningServer[] {
    return this.#calls.listening
  }

  /** The addresses of `bind`, as the log shows them. */
  get urls(): readonly string[] {
    return this.#calls.binds.map(({ url }) => url)
  }

  /**
   * Calls `listen`, which calls listen() of this server: then what the app does when it listens is done. The
   * arguments are those of the first address of `bind`.
   */
  listen(server: Server, listen: (where: ListenOptions) => unknown): unknown {
    const [{ port, host, path } = bindAddress('')] = this.#calls.binds
    this.#calls.expect(server)
    return listen(path === undefined ? { port: port ?? 0, host: host ?? '0.0.0.0' } : { path })
  }

  /** Rejects with the reason as soon as a server is refused. */
  while<Result>(booting: Promise<Result>): Promise<Result> {
    return Promise.race([booting, this.#refused])
  }

  /** Resolves to true when a server listens, to false when none will. */
  wait(onSlow: () => void): Promise<boolean> {
    return this.while(awaitListen({ calls: this.#calls, before: this.#before, onSlow }))
  }

  /** The worker has booted. */
  follow(handlers: ListeningHandlers): void {
    this.#handlers = handlers
  }

  /** Refuses a server that listens although another one is served. */
  refuse(listening: ListeningServer): void {
    this.#calls.refuse(listening)
  }

  #rejectBoot(error: AppError, reject: (error: AppError) => void): boolean {
    if (this.#handlers !== undefined) return false
    reject(error)
    return true
  }
}

/** What the load of an app uses of it. */
export type Listening = Pick<AppListening, keyof AppListening>

/** Whether a server is the one of an exported app: the app itself, its inner server, or one that calls it. */
export function isServerOf(server: Server, app: unknown): boolean {
  if (server === app || read(app, 'server') === server) return true
  if (hasMethods(app, 'getHttpServer') && app.getHttpServer() === server) return true
  return typeof app === 'function' && server.listeners('request').some((listener) => listener === app)
}
