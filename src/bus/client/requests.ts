// Runs in a process that uses the bus: the requests that wait for their replies.

import { giveIdentity } from '../../tasks/wire/error-value.ts'
import { userFrames } from '../../os/own-frames.ts'
import type { Clock, Timer } from '../../os/system/clock.ts'
import { BusError, type BusErrorCode } from '../model/bus-error.ts'
import { decode, decodeThrown } from '../wire/payload.ts'
import type { NoReply } from './transport.ts'

/** Made text when it is read, which happens only for errors. */
export interface CallSite {
  readonly stack: string
}

export interface WaitingCall {
  readonly topic: string
  readonly site: CallSite
  readonly resolve: (reply: unknown) => void
  readonly reject: (reason: unknown) => void
}

interface Waiting extends WaitingCall {
  readonly timer: Timer
}

const codes: Readonly<Record<NoReply, BusErrorCode>> = {
  unheard: 'BUS_NO_SUBSCRIBER',
  lost: 'BUS_LOST',
  busy: 'BUS_BUSY',
}

const reasons: Readonly<Record<NoReply, string>> = {
  unheard: 'no process has subscribed to it',
  lost: 'the process that handled it has ended, or the connection to the bus was lost',
  busy: 'its subscriber handles as many requests as it may at the same time',
}

export class Requests {
  readonly #clock: Clock
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Returns its number. `timeout`: milliseconds. */
  add(call: WaitingCall, timeout: number): number {
    const id = (this.#last = this.#next())
    const timer = this.#clock.after(timeout, () => this.#timeUp(id, timeout))
    this.#waiting.set(id, { ...call, timer })
    return id
  }

  reply(id: number, payload: Buffer): void {
    const call = this.#take(id)
    if (call === undefined) return
    try {
      call.resolve(decode(payload))
    } catch (error) {
      call.reject(error)
    }
  }

  /** The handler has thrown. The stack is that of the handler, and goes on where the app has called. */
  failure(id: number, payload: Buffer): void {
    const call = this.#take(id)
    if (call === undefined) return
    const error = decodeThrown(payload)
    call.reject(error instanceof Error ? atSite(error, call.site) : error)
  }

  noReply(id: number, why: NoReply): void {
    this.#fail(id, codes[why], reasons[why])
  }

  /** No reply to what was sent so far will come. */
  lost(): void {
    for (const id of [...this.#waiting.keys()]) this.noReply(id, 'lost')
  }

  /** The caller does not wait any more. */
  cancel(id: number, reason: unknown): void {
    this.#take(id)?.reject(reason)
  }

  #timeUp(id: number, timeout: number): void {
    this.#fail(id, 'BUS_TIMEOUT', `no reply has come within ${timeout} ms`)
  }

  #fail(id: number, code: BusErrorCode, reason: string): void {
    const call = this.#take(id)
    if (call === undefined) return
    const error = new BusError(code, call.topic, `the request to ${call.topic} has failed: ${reason}`)
    error.stack = `${error.name}: ${error.message}`
    call.reject(atSite(error, call.site))
  }

  #take(id: number): Waiting | undefined {
    const call = this.#waiting.get(id)
    this.#waiting.delete(id)
    call?.timer.cancel()
    return call
  }

  /** A u32 that no waiting request has. */
  #next(): number {
    let id = this.#last
    do id = id >= 0xffff_ffff ? 1 : id + 1
    while (this.#waiting.has(id))
    return id
  }
}

function atSite(error: Error, site: CallSite): Error {
  return giveIdentity(error, error.name, String(error.stack ?? '') + userFrames(site.stack))
}
