// Runs in a worker: accepts connections on the sockets that the arbiter bound, and closes for a while when
// the worker has as many connections as it may (`worker_connections`). To close means to close this process's
// descriptors: siblings still accept.

import { createServer, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises'
import { toError } from '../../logging/records/describe-error.ts'
import { callsOf, loadNative, type NativeCalls } from '../../os/system/native.ts'
import { Shortage } from './shortage.ts'
import type { Turns } from './turns.ts'

/** A socket of the arbiter, as this process inherited it. */
export interface ListenTarget {
  readonly fd: number
  readonly url: string
  /** Whether other workers accept on it too. */
  readonly isShared: boolean
}

export interface GateOptions {
  readonly targets: readonly ListenTarget[]
  readonly backlog: number
  readonly limit: number
  /** Returns how many connections are open now. */
  readonly open: () => number
  /** `index`: that of its target. */
  readonly onConnection: (socket: Socket, index: number) => void
  /** accept(2) failed for another reason than a shortage. */
  readonly onError: (error: Error) => void
  /** Called once if `limit` cannot be kept on this platform. */
  readonly onNoGate: (reason: string) => void
  /** It has been at `limit` for some seconds without a pause. Called at most once a minute. */
  readonly onFull: () => void
  /** It accepts no connection until there are descriptors or memory again. Called at most once a minute. */
  readonly onShortage: (reason: string) => void
  /** Absent where workers cannot know how much their siblings have to do. */
  readonly turns?: Turns | undefined
  /** Default: the calls of the system. */
  readonly native?: NativeCalls | Error
}

/**
 * Turns of the event loop without a new connection after which the queues of the sockets are taken to be
 * empty.
 */
const quietTurns = 2
/**
 * The same for sockets that ignore new clients, in rounds of `roomInterval`: a handshake that has begun has
 * time to complete.
 */
const quietRounds = 20
/** Milliseconds between two checks whether a full worker has room again. */
const roomInterval = 5
/** Milliseconds between two checks whether descriptors run out, or are free again. */
const shortageInterval = 500
/** Milliseconds at the limit until that is reported, and until it is reported again. */
const [fullPatience, fullSilence] = [2000, 60_000]
/** New connections after which there is a check in any case: fewer than the descriptors kept for the app. */
const shortageStride = 8

export class Gate {
  readonly #options: GateOptions
  #servers: Server[] = []
  /** The targets on which it may accept, by their index. */
  #indexes: readonly number[]
  /** The descriptors of the servers. */
  #listening: readonly number[] = []
  /** While the gate is closed for now, duplicates of the descriptors to listen on again; else empty. */
  #spare: number[] = []
  /** Duplicates made in advance: without a free descriptor the gate could not be closed. */
  #reserve: number[] | Error = []
  #checks: NodeJS.Timeout | undefined
  readonly #shortage: Shortage
  readonly #native: NativeCalls | Error
  readonly #reported = new Set<string>()
  /** Milliseconds on the monotonic clock: since when it is closed for now, and the last report of that. */
  #fullSince: number | undefined
  #fullReportedAt = -Infinity
  #shut = false
  #accepted = 0

  constructor(options: GateOptions) {
    this.#options = options
    this.#indexes = options.targets.map((_, index) => index)
    this.#native = options.native ?? loadNative()
    const shortage = {
      report: options.onShortage,
      close: () => this.#spare.length === 0 && this.#closeForNow(),
      open: () => void this.relax().catch(options.onError),
    }
    this.#shortage = new Shortage(shortage, this.#native)
  }

  async listen(): Promise<void> {
    await this.#listenOn(this.#options.targets.map(({ fd }) => fd))
    const check = (): void => {
      this.#options.turns?.refresh()
      this.#check()
    }
    this.#checks = setInterval(check, shortageInterval).unref()
  }

  /** Closes for good: the worker drains. */
  shut(): void {
    this.#shut = true
    this.#closeServers()
    clearInterval(this.#checks)
    // With an open descriptor the kernel would still queue connections for this worker.
    this.#discard([...this.#spare, ...this.#takeReserve()])
    this.#spare = []
  }

  /**
   * Takes the connections that wait in the sockets' queues, when no process is left to take them after this
   * worker: the kernel resets them when the last descriptor is closed. Resolves when they are taken, at the
   * latest after `within` milliseconds or as many connections as the queues hold. The caller calls `shut`
   * then. `places`: only on these sockets; the others are left to the siblings.
   */
  async takeWaiting(within: number, places?: readonly number[]): Promise<void> {
    this.#options.turns?.finish()
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

  /** Whether it is closed for now, and there is room again. Cheap: read for each closed connection. */
  get mayOpen(): boolean {
    return (
      this.#spare.length > 0 &&
      !this.#shut &&
      !this.#shortage.lasts &&
      this.#options.open() < this.#options.limit
    )
  }

  /** Accepts again, if it may. Rejects when a socket cannot be used. */
  async relax(): Promise<void> {
    if (!this.mayOpen) return
    const spare = this.#spare
    this.#spare = []
    this.#fullSince = undefined
    await this.#listenOn(spare)
  }

  /** Closes for now, or accepts again: what `open` returns has changed without a new connection. */
  settle(): void {
    const isOpen = this.#spare.length === 0 && this.#servers.length > 0
    if (isOpen && !this.#shut && this.#options.open() >= this.#options.limit) this.#closeForNow()
    else if (this.mayOpen) this.relax().catch(this.#options.onError)
  }

  /** Closes duplicates, which exist only where there are system calls. */
  #discard(descriptors: readonly number[]): void {
    const calls = callsOf(this.#native)
    for (const fd of descriptors) calls?.close(fd)
  }

  /** Accepts only on the sockets of these places, for good. */
  #narrow(places: readonly number[]): void {
    const isLeft = (_: unknown, place: number): boolean => !places.includes(place)
    const isKept = (_: unknown, place: number): boolean => places.includes(place)
    for (const server of this.#servers.filter(isLeft)) server.close()
    this.#servers = this.#servers.filter(isKept)
    this.#listening = this.#listening.filter(isKept)
    this.#indexes = this.#indexes.filter(isKept)
    const reserve = this.#takeReserve()
    this.#discard([...this.#spare.filter(isLeft), ...reserve.filter(isLeft)])
    this.#spare = this.#spare.filter(isKept)
    this.#reserve = reserve.filter(isKept)
  }

  #accept(socket: Socket, index: number): void {
    this.#accepted += 1
    this.#options.onConnection(socket, index)
    if (this.#options.open() >= this.#options.limit && this.#spare.length === 0) this.#closeForNow()
    else if (this.#accepted % shortageStride === 0) this.#check()
    this.#options.turns?.accepted()
  }

  #closeForNow(): void {
    // For example without koffi: better too many connections than a worker that never accepts again.
    if (this.#reserve instanceof Error) return this.#reportOnce(this.#reserve.message)
    this.#spare = this.#takeReserve()
    this.#closeServers()
  }

  #takeReserve(): number[] {
    const taken = this.#reserve instanceof Error ? [] : this.#reserve
    this.#reserve = []
    return taken
  }

  #check(): void {
    const [fd] = this.#spare.length > 0 ? this.#spare : this.#listening
    if (fd !== undefined && !this.#shut) this.#shortage.check(fd)
    this.#reportFull(performance.now())
  }

  /** A worker that is full for a moment, again and again, is only busy. */
  #reportFull(now: number): void {
    if (this.#spare.length === 0 || this.#shortage.lasts || this.#shut)
      return void (this.#fullSince = undefined)
    this.#fullSince ??= now
    if (now - this.#fullSince < fullPatience || now - this.#fullReportedAt < fullSilence) return
    this.#fullReportedAt = now
    this.#options.onFull()
  }

  #reportOnce(reason: string): void {
    if (!this.#reported.has(reason)) this.#options.onNoGate(reason)
    this.#reported.add(reason)
  }

  #closeServers(): void {
    this.#options.turns?.end()
    for (const server of this.#servers) server.close()
    this.#servers = []
  }

  async #listenOn(descriptors: readonly number[]): Promise<void> {
    this.#listening = descriptors
    this.#reserve = duplicateAll(descriptors, this.#native)
    // The options that http.Server itself passes to net.Server (lib/_http_server.js).
    this.#servers = this.#indexes.map((index) =>
      createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket, index)),
    )
    await Promise.all(this.#servers.map((server, index) => this.#startServer(server, descriptors[index])))
    if (this.#listening === descriptors && this.#spare.length === 0 && !this.#shut)
      this.#options.turns?.begin(descriptors.filter((_, place) => this.#isShared(place)))
  }

  /** `place`: among the sockets on which it may accept. */
  #isShared(place: number): boolean {
    return this.#options.targets[this.#indexes[place] ?? place]?.isShared === true
  }

  #startServer(server: Server, fd: number | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.once('close', resolve) // shut before it listened
      const listening = (): void => {
        server.off('error', reject)
        server.on('error', (error) => void (this.#shortage.handle(error) || this.#options.onError(error)))
        resolve()
      }
      // As an argument of its own: with `fd` Node ignores a `backlog` among the options, and sets 511.
      server.listen({ fd }, this.#options.backlog, listening)
    })
  }
}

/** Returns a duplicate of each, or of none and the reason. */
function duplicateAll(descriptors: readonly number[], native: NativeCalls | Error): number[] | Error {
  if (native instanceof Error) return native
  const duplicates: number[] = []
  try {
    for (const fd of descriptors) duplicates.push(native.dup(fd))
    return duplicates
  } catch (error) {
    for (const fd of duplicates) native.close(fd)
    return toError(error)
  }
}
