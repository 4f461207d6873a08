// Runs in a worker: takes the place of `net.Server.prototype.listen`, by which the servers of all protocols
// listen. A server of the app does not get a socket of its own, which a second worker could not open, but an
// address of `bind`: it looks as if it listened there, and the worker class accepts for it.

import { Server } from 'node:net'
import { AppError } from '../../config/app/errors.ts'
import { whereThrown } from '../../config/problems/where-thrown.ts'
import { type BindAddress, addressInfo } from './bind-address.ts'
import { choosePlace, displaced, type Given } from './choose-place.ts'
import { type ListenRequest, listenRequest } from './request.ts'
import { StandIn } from './stand-in.ts'

/** A server of the app that listens. */
export interface ListeningServer extends Given {
  readonly server: Server
  /** Where in the app, if that is known. */
  readonly where: string | undefined
}

/** What the app does, for a message. */
export function listensOn({ where, port, path }: Pick<ListeningServer, 'where' | 'port' | 'path'>): string {
  return `${where ?? 'the app'} listens on ${path ?? `port ${port ?? 0}`}`
}

export interface ListenHandlers {
  /** A server listens; it may be closed again soon. */
  onListen(listening: ListeningServer): void
  /** The app has closed a server. */
  onClose(listening: ListeningServer): void
  /** A server would listen where no other worker could. Returns whether the app gets no `error` event. */
  onRefused(error: AppError): boolean
}

export class ListenCalls {
  readonly binds: readonly BindAddress[]
  readonly #listening: ListeningServer[] = []
  /** Servers that the worker makes listen, in place of the app. */
  readonly #expected = new WeakSet<Server>()
  #handlers: ListenHandlers | undefined

  constructor(binds: readonly BindAddress[]) {
    this.binds = binds
  }

  /** The servers that listen now, in the order in which they began. */
  get listening(): readonly ListeningServer[] {
    return this.#listening
  }

  /**
   * For the life of the process, before the app is loaded. A call with a descriptor is left to Node: the
   * worker class listens by one.
   */
  install(handlers: ListenHandlers): void {
    this.#handlers = handlers
    const { listen } = Server.prototype
    const take = (server: Server, args: readonly unknown[]): boolean => this.#take(server, args)
    Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
      return take(this, args) ? this : (Reflect.apply(listen, this, args) as Server) // as it was declared
    }
  }

  /** Returns false for a call that is left to Node. */
  #take(server: Server, args: readonly unknown[]): boolean {
    const request = server.listening ? undefined : listenRequest(args)
    if (request === undefined) return false
    const { port, path } = request
    if (this.#expected.has(server)) return this.#standIn(server, request)
    const choice = choosePlace(request, this.binds, this.#listening)
    if (choice.is === 'own') return false
    const listening = { server, port, path, where: whereThrown(new Error()) }
    if (choice.is === 'refused') this.refuse({ ...listening, place: 'none' })
    else this.#add({ ...listening, place: choice.place }, request)
    return true
  }

  /**
   * The next listen() of this server is a call of the worker: it emits `listening`, and no handler is called.
   */
  expect(server: Server): void {
    this.#expected.add(server)
  }

  #add(listening: ListeningServer, request: ListenRequest): void {
    const { server, place } = listening
    this.#listening.push(listening)
    this.#standIn(server, request, {
      place,
      onClose: () => {
        this.#remove(listening)
        this.#handlers?.onClose(listening)
      },
    })
    const first = displaced(this.binds, this.#listening)
    if (first) this.refuse(first)
    this.#handlers?.onListen(listening)
  }

  #standIn(
    server: Server,
    { callback, signal }: ListenRequest,
    { place = 0, onClose = () => undefined }: { place?: Given['place']; onClose?: () => void } = {},
  ): true {
    const bind = this.binds[typeof place === 'number' ? place : 0]
    new StandIn({ server, address: bind ? addressInfo(bind) : '', onClose }).start(callback, signal)
    return true
  }

  #remove(listening: ListeningServer): void {
    const at = this.#listening.indexOf(listening)
    if (at >= 0) this.#listening.splice(at, 1)
  }

  /** No connections for this server: the app, or the boot, gets the reason. */
  refuse(listening: ListeningServer): void {
    this.#remove(listening)
    const error = new AppError(notInBind(listening, this.binds))
    if (this.#handlers?.onRefused(error) !== true)
      process.nextTick(() => listening.server.emit('error', error))
  }
}

function notInBind(listening: ListeningServer, binds: readonly BindAddress[]): string {
  const wanted = `":${listening.port ?? 0}"`
  const all = [...binds.map(({ url }) => `"${url.replace(/^http:\/\//, '')}"`), wanted].join(', ')
  return (
    `${listensOn(listening)}, which is not in bind: each worker runs this line, but only one process could ` +
    `open the port; write bind: [${all}], and the workers share it`
  )
}
