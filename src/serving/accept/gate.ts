// Runs in a worker: the way in. It accepts on the sockets that the arbiter bound, hands each connection to
// the HTTP server, and closes for a while when the worker has as many as it may. Closing only closes this
// process's descriptor: siblings go on accepting.

import { closeSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { toError } from '../../logging/records/describe-error.ts'
import { loadNative } from '../../os/system/native.ts'
import { Shortage } from './shortage.ts'
import type { ListenTarget } from '../classes/worker-class.ts'

export interface GateOptions {
  readonly targets: readonly ListenTarget[]
  readonly backlog: number
  readonly limit: number
  /** How many connections are open now. */
  readonly open: () => number
  readonly onConnection: (socket: Socket) => void
  /** accept(2) failed, for want of descriptors, say. */
  readonly onError: (error: Error) => void
  readonly onNoGate: (reason: string) => void
  /** It accepts nothing until there are descriptors, or memory, again. Told once in a while. */
  readonly onShortage: (reason: string) => void
}

/**
 * Turns of the event loop without a new connection after which the queues of the sockets are taken to be
 * empty.
 */
const quietTurns = 2
/**
 * The same for sockets that nobody can connect to any more: rounds of `roomInterval`, so that who was about
 * to has time to get there.
 */
const quietRounds = 20
/** Milliseconds between two looks whether a full worker has room again. */
const roomInterval = 5
/** Milliseconds between two looks whether descriptors run out, and whether there are some again. */
const shortageInterval = 500
/**
 * New connections after which there is a look in any case: fewer than the descriptors that are kept for the
 * app.
 */
const shortageStride = 4

export class Gate {
  readonly #options: GateOptions
  #servers: Server[] = []
  /** The descriptors of the servers. */
  #listening: readonly number[] = []
  /** Duplicates of the descriptors to listen on once more; empty while the gate is open. */
  #spare: number[] = []
  /** Duplicates to have when there may be none: without a free descriptor the gate could not be closed. */
  #reserve: number[] | Error = []
  #looks: NodeJS.Timeout | undefined
  readonly #shortage: Shortage
  readonly #told = new Set<string>()
  #shut = false
  #accepted = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#shortage = new Shortage({
      tell: options.onShortage,
      close: () => this.#spare.length === 0 && this.#closeForNow(),
      open: () => void this.relax().catch(options.onError),
    })
  }

  async listen(): Promise<void> {
    await this.#listenOn(this.#options.targets.map(({ fd }) => fd))
    this.#looks = setInterval(() => this.#look(), shortageInterval).unref()
  }

  /** For good: the worker drains. */
  shut(): void {
    this.#shut = true
    this.#closeServers()
    clearInterval(this.#looks)
    // else the kernel would go on queueing connections for this worker
    for (const fd of [...this.#spare, ...this.#takeReserve()]) closeSync(fd)
    this.#spare = []
  }

  /**
   * Takes the connections that wait in the sockets' queues already, for when nobody is left to take them
   * after this worker: the kernel resets what it finds there when the last descriptor is closed. Fulfils when
   * they are taken, at the latest after so many milliseconds or as many connections as the queues hold. The
   * caller shuts then. `places`: only of these sockets; the others it leaves to its siblings.
   */
  async takeWaiting(within: number, places?: readonly number[]): Promise<void> {
    if (places !== undefined && !this.#shut) this.#narrow(places)
    const giveUpAt = performance.now() + within
    const most = this.#accepted + this.#options.backlog * this.#options.targets.length
    const least = places === undefined ? quietTurns : quietRounds
    let quiet = 0
    while (!this.#shut && quiet < least && this.#accepted < most && performance.now() < giveUpAt) {
      const before = this.#accepted
      const isFull = this.#spare.length > 0
      await (isFull || places !== undefined ? delay(roomInterval) : nextTurn())
      quiet = isFull || this.#accepted > before ? 0 : quiet + 1
    }
  }

  /**
   * Whether it is closed for now, and there is room again: a connection has ended. Asked at each end, so it
   * costs nothing.
   */
  get mayOpen(): boolean {
    return (
      this.#spare.length > 0 &&
      !this.#shut &&
      !this.#shortage.lasts &&
      this.#options.open() < this.#options.limit
    )
  }

  /** Accepts again, if it may. */
  async relax(): Promise<void> {
    if (!this.mayOpen) return
    const spare = this.#spare
    this.#spare = []
    await this.#listenOn(spare)
  }

  /** For good: accepts only on the sockets of these places. */
  #narrow(places: readonly number[]): void {
    const isLeft = (_: unknown, place: number): boolean => !places.includes(place)
    const isKept = (_: unknown, place: number): boolean => places.includes(place)
    for (const server of this.#servers.filter(isLeft)) server.close()
    this.#servers = this.#servers.filter(isKept)
    this.#listening = this.#listening.filter(isKept)
    const reserve = this.#takeReserve()
    for (const fd of [...this.#spare.filter(isLeft), ...reserve.filter(isLeft)]) closeSync(fd)
    this.#spare = this.#spare.filter(isKept)
    this.#reserve = reserve.filter(isKept)
  }

  #accept(socket: Socket): void {
    this.#accepted += 1
    this.#options.onConnection(socket)
    if (this.#options.open() >= this.#options.limit && this.#spare.length === 0) this.#closeForNow()
    else if (this.#accepted % shortageStride === 0) this.#look()
  }

  #closeForNow(): void {
    // No koffi, say: better too many connections than a worker that never accepts again.
    if (this.#reserve instanceof Error) return this.#tellOnce(this.#reserve.message)
    this.#spare = this.#takeReserve()
    this.#closeServers()
  }

  #takeReserve(): number[] {
    const taken = this.#reserve instanceof Error ? [] : this.#reserve
    this.#reserve = []
    return taken
  }

  #look(): void {
    const [fd] = this.#spare.length > 0 ? this.#spare : this.#listening
    if (fd !== undefined && !this.#shut) this.#shortage.look(fd)
  }

  #tellOnce(reason: string): void {
    if (!this.#told.has(reason)) this.#options.onNoGate(reason)
    this.#told.add(reason)
  }

  #closeServers(): void {
    for (const server of this.#servers) server.close()
    this.#servers = []
  }

  async #listenOn(descriptors: readonly number[]): Promise<void> {
    this.#listening = descriptors
    this.#reserve = duplicateAll(descriptors)
    // The options that http.Server itself gives to the net.Server below it (lib/_http_server.js).
    this.#servers = descriptors.map(() =>
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket)),
    )
    await Promise.all(this.#servers.map((server, index) => this.#startServer(server, descriptors[index])))
  }

  #startServer(server: Server, fd: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('close', resolve) // shut before it listened
      server.listen({ fd, backlog: this.#options.backlog }, () => {
        server.off('error', reject)
        server.on('error', (error) => void (this.#shortage.met(error) || this.#options.onError(error)))
        resolve()
      })
    })
  }
}

/** All, or none and the reason. */
function duplicateAll(descriptors: readonly number[]): number[] | Error {
  const native = loadNative()
  if (native instanceof Error) return native
  const duplicates: number[] = []
  try {
    for (const fd of descriptors) duplicates.push(native.dup(fd))
    return duplicates
  } catch (error) {
    for (const fd of duplicates) closeSync(fd)
    return toError(error)
  }
}
