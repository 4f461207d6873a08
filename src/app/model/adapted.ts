// What an adapter makes of an app. Runs in a worker, once at boot.

import type { ListenOptions, Server } from 'node:net'
import type { RequestHandler } from './app.ts'

/** The result of an adapter. The handler may still throw: loadApp guards it. */
export interface Adapted {
  readonly handle: RequestHandler
  /** The server of the app, with all that the app has set on it and attached to it. */
  readonly server?: Server
  /** Makes the server listen, by the way of its framework, for what the app does then. */
  readonly listen?: (where: ListenOptions) => unknown
  /** Closes the framework when the worker stops. */
  readonly close?: () => unknown
}
