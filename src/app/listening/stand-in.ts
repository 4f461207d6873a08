// Runs in a worker: a server of the app that shows itself as listening on an address of `bind`, while the
// worker class accepts the connections and hands them to it. So the app sees what it would see under `node`,
// and admission, trial and drain are tsgun's.

import type { AddressInfo, Server, Socket } from 'node:net'

export interface StandInOptions {
  readonly server: Server
  readonly address: AddressInfo | string
  /** The app has closed the server, once. */
  readonly onClose: () => void
}

/** What is replaced on the server while it listens. */
const replaced = ['listening', 'address', 'close', 'getConnections'] as const

export class StandIn {
  readonly server: Server
  readonly #onClose: () => void
  #connections = 0
  #isClosing = false
  readonly #close = (callback?: unknown): Server => this.#end(callback)
  readonly #onConnection = (socket: Socket): void => {
    this.#connections += 1
    socket.once('close', () => {
      this.#connections -= 1
      this.#endIfIdle()
    })
  }

  constructor({ server, address, onClose }: StandInOptions) {
    this.server = server
    this.#onClose = onClose
    const replacement: Record<(typeof replaced)[number], unknown> = {
      listening: true,
      address: () => address,
      close: this.#close,
      getConnections: (callback: (error: null, count: number) => void) => {
        process.nextTick(callback, null, this.#connections)
        return server
      },
    }
    for (const name of replaced)
      Object.defineProperty(server, name, { value: replacement[name], configurable: true, writable: true })
    server.on('connection', this.#onConnection)
  }

  /** Emits `listening`, as Node does after the call of listen() has returned. */
  start(callback: (() => void) | undefined, signal: AbortSignal | undefined): void {
    if (callback) this.server.once('listening', callback)
    process.nextTick(() => !this.#isClosing && this.server.emit('listening'))
    if (signal?.aborted === true) this.#end(undefined)
    else signal?.addEventListener('abort', () => this.#end(undefined), { once: true })
  }

  /**
   * The open connections end as in a drain, which sends `Connection: close`; to close idle ones at once, as
   * Node does, would reset clients that are just sending.
   */
  #end(callback: unknown): Server {
    const { server } = this
    if (typeof callback === 'function') {
      const done = (error?: Error): void => void Reflect.apply(callback, server, error ? [error] : [])
      if (this.#isClosing) process.nextTick(done, notRunning())
      else server.once('close', () => done())
    }
    if (this.#isClosing) return server
    this.#isClosing = true
    Object.defineProperty(server, 'listening', { value: false, configurable: true, writable: true })
    this.#onClose()
    this.#endIfIdle()
    return server
  }

  #endIfIdle(): void {
    if (!this.#isClosing || this.#connections > 0) return
    const { server } = this
    server.off('connection', this.#onConnection)
    if (server.close !== this.#close) return // it listens again, with another stand-in
    for (const name of replaced) Reflect.deleteProperty(server, name)
    process.nextTick(() => server.emit('close'))
  }
}

/** The error of Node for a server that is closed twice. */
function notRunning(): Error {
  return Object.assign(new Error('Server is not running.'), { code: 'ERR_SERVER_NOT_RUNNING' })
}
