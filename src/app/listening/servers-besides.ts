// Runs in a worker: the servers with which an app listens besides what it exports. One that names an address
// of `bind` beyond the first gets its connections; the others are of no use, and the log says so.

import type { AppServer, ServerHandlers } from '../model/app.ts'
import type { Failures } from '../requests/failures.ts'
import { isServerOf, type Listening } from './app-listening.ts'
import { appServer } from './app-server.ts'
import { listensOn, type ListeningServer } from './listen-calls.ts'

export interface ServersBesidesOptions {
  readonly exported: unknown
  readonly listening: Listening
  readonly failures: Failures
  readonly note: (text: string) => void
}

export class ServersBesides {
  readonly #options: ServersBesidesOptions

  constructor(options: ServersBesidesOptions) {
    this.#options = options
  }

  /** Those that listen now. */
  servers(): readonly AppServer[] {
    return [...this.#options.listening.servers].flatMap((each) => this.#serverOf(each))
  }

  /** Passes on those that begin to listen from now on. */
  follow({ add }: ServerHandlers): void {
    this.#options.listening.follow({
      onListen: (each) => this.#serverOf(each).forEach(add),
      onClose: () => undefined, // the export is served on
    })
  }

  #serverOf(each: ListeningServer): readonly AppServer[] {
    const { exported, listening, failures, note } = this.#options
    const { server, place } = each
    if (place === 'none') return []
    if (typeof place === 'number' && place > 0) return [appServer(each, failures)]
    if (place === 'first' && !isServerOf(server, exported)) listening.refuse(each)
    else note(`${listensOn(each)}, which has no effect: what "app" names is served`)
    return []
  }
}
