// Runs in a task process: accepts calls while the process is free, collects those that run together, and says
// when they begin.

import type { Socket } from 'node:net'
import type { Logger } from '../../logging/records/logger.ts'
import { backlogOf, priorities, type Priority } from '../model/queues.ts'
import type { BadFrame } from '../wire/frame.ts'
import { writeRefused, type Refusal } from '../wire/messages.ts'
import { Caller } from './caller.ts'
import type { HostCalls } from './calls.ts'
import { decide, type BatchRule } from './collect.ts'
import { errorPause, QueueGate } from './queue-gate.ts'
import { firstBatch, WaitingRoom } from './waiting-room.ts'

export interface IntakeOptions {
  /** Of the task. */
  readonly name: string
  readonly queues: Readonly<Record<Priority, number>>
  readonly maxQueue: number
  readonly calls: HostCalls | Error
  /** The most calls that run together, and the milliseconds that they wait for each other. */
  readonly batch: { readonly max: number; readonly maxWait: number }
  /** Whether there is memory for further calls. */
  readonly hasRoom: () => boolean
  /** These begin to run. No others are taken until `resume`. */
  readonly onBatch: (callers: readonly Caller[]) => void
  /** A caller got its last message without having run. */
  readonly onRefused: (caller: Caller) => void
  /** A connection has closed. `wasWaiting`: its complete request had not begun to run. */
  readonly onClosed: (caller: Caller, wasWaiting: boolean) => void
  readonly log: () => Pick<Logger, 'warn'>
}

/** What the rule of batches knows of the last one. */
export interface LastBatch {
  readonly size: number
  /** Milliseconds. */
  readonly time: number
}

/** Milliseconds between checks for silent connections, and how many checks one may stay silent. */
const [checkInterval, mostQuietChecks] = [100, 50]

export class Intake {
  readonly #options: IntakeOptions
  readonly #gate: QueueGate
  readonly #waiting = new WaitingRoom()
  readonly #turn = (): void => this.#look()
  #isLooking = false
  #later: NodeJS.Timeout | undefined
  #isBusy = false
  #isStopped = false
  /** Counts all that arrives and closes. */
  #activity = 0
  #seenActivity = 0
  #quietTurns = 0
  /** On the clock of performance.now. */
  #readySince: number | undefined
  #last: LastBatch = { size: 1, time: 0 }
  #checks: NodeJS.Timeout | undefined

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#gate = new QueueGate({
      queues: options.queues,
      backlog: backlogOf(options.maxQueue),
      calls: options.calls,
      onConnection: (socket, priority) => this.#onConnection(socket, priority),
      onError: (error) => this.#onGateError(error),
    })
  }

  /** Calls that were accepted and have not begun to run. */
  get held(): number {
    return this.#waiting.size
  }

  /** Rejects when a queue cannot be used. */
  start(): Promise<void> {
    return this.#gate.start()
  }

  /** The batch has ended. */
  resume(last: LastBatch): void {
    this.#last = last
    this.#isBusy = false
    this.#readySince = undefined
    if (!this.#isLooking) this.#look()
  }

  /** There may be room for further calls. */
  lookAgain(): void {
    this.#lookSoon()
  }

  /** Accepts no more, for good, and gives back what has not begun. */
  stop(): void {
    this.#isStopped = true
    this.#gate.shut()
    this.#releaseAll()
    clearInterval(this.#checks)
    clearTimeout(this.#later)
  }

  /** What has been sent is no message. */
  logBadFrame(error: BadFrame): void {
    const { log, name } = this.#options
    log().warn(
      { err: error },
      `a caller of the task ${name} has sent what is no request; it was disconnected`,
    )
  }

  #onConnection(socket: Socket, priority: Priority): void {
    const caller = new Caller(socket, priority, {
      onChange: (changed) => this.#onChange(changed),
      onBadFrame: (error) => this.logBadFrame(error),
    })
    this.#waiting.add(caller)
    this.#activity += 1
    const isFull = !this.#gate.canClose && this.#waiting.size > this.#options.maxQueue
    if (this.#isStopped || isFull) return this.#release(caller, isFull ? 'full' : 'busy')
    this.#checks ??= setInterval(() => this.#check(), checkInterval)
    this.#lookSoon()
  }

  #onChange(caller: Caller): void {
    this.#activity += 1
    if (caller.stage === 'over') this.#onClosed(caller)
    this.#lookSoon()
  }

  #onClosed(caller: Caller): void {
    const wasWaiting = this.#waiting.delete(caller)
    this.#options.onClosed(caller, wasWaiting && caller.request !== undefined)
  }

  #releaseAll(): void {
    for (const caller of this.#waiting.all()) this.#release(caller, 'busy')
  }

  /** Gives a call back: its caller asks again, and a process that is free takes it. */
  #release(caller: Caller, refusal: Refusal): void {
    if (!this.#waiting.delete(caller)) return
    if (caller.stage !== 'ready' && refusal === 'busy') return caller.destroy() // what still comes is useless
    caller.answer(writeRefused(refusal))
    this.#options.onRefused(caller)
  }

  #check(): void {
    for (const caller of this.#waiting.all()) {
      if (caller.stage === 'ready') continue
      caller.quietChecks += 1
      if (caller.quietChecks > mostQuietChecks) this.#dropSilent(caller)
    }
    if (this.#waiting.size > 0) return this.#lookSoon()
    clearInterval(this.#checks)
    this.#checks = undefined
  }

  #dropSilent(caller: Caller): void {
    const { log, name } = this.#options
    this.#waiting.delete(caller)
    caller.destroy()
    log().warn(`a caller of the task ${name} has connected and sent no request for 5 s; it was disconnected`)
  }

  #lookSoon(): void {
    if (this.#isLooking || this.#isBusy || this.#isStopped) return
    this.#isLooking = true
    setImmediate(this.#turn)
  }

  /** In about a millisecond, or as soon as something arrives. */
  #lookLater(): void {
    this.#later ??= setTimeout(this.#turn, 1)
  }

  /** Decides what to do with what has arrived. */
  #look(): void {
    this.#isLooking = false
    clearTimeout(this.#later)
    this.#later = undefined
    if (this.#isBusy || this.#isStopped) return
    this.#waiting.turn()
    this.#quietTurns = this.#activity === this.#seenActivity ? this.#quietTurns + 1 : 0
    this.#seenActivity = this.#activity
    const ready = this.#waiting.ready()
    if (ready.length === 0) this.#collect()
    else this.#decide(ready)
  }

  #collect(): void {
    this.#readySince = undefined
    if (this.#openGate(0)) this.#lookSoon()
    else if (this.#waiting.arriving > 0) this.#lookLater()
  }

  #decide(ready: readonly Caller[]): void {
    this.#readySince ??= performance.now()
    const rule = this.#rule(ready)
    const waited = performance.now() - this.#readySince
    const decision = decide({ ready: ready.length, quietTurns: this.#quietTurns, waited }, rule)
    if (decision === 'begin') return this.#begin(firstBatch(ready, rule.max))
    this.#openGate(ready.length)
    if (decision === 'turn') this.#lookSoon()
    else this.#lookLater()
  }

  #rule(ready: readonly Caller[]): BatchRule {
    const { max, maxWait } = this.#options.batch
    const isAlone = ready[0]?.request?.isAlone === true
    return { max: isAlone ? 1 : max, maxWait, lastSize: this.#last.size, lastTime: this.#last.time }
  }

  /** Returns whether it has to be done again soon: only one of the queues is open. */
  #openGate(ready: number): boolean {
    const room = this.#options.batch.max - ready - this.#waiting.arriving
    if (room <= 0 || !this.#options.hasRoom()) {
      this.#gate.close()
      return false
    }
    const onlyHigh = this.#gate.hasWaiting('high')
    this.#gate.open(onlyHigh ? ['high'] : priorities)
    return onlyHigh && !this.#gate.isPaused
  }

  #begin(callers: readonly Caller[]): void {
    this.#isBusy = true
    this.#gate.close()
    for (const caller of callers) this.#waiting.delete(caller)
    // Also those that have sent nothing yet: what they send could not be read while native code runs.
    if (this.#gate.canClose) this.#releaseAll()
    this.#options.onBatch(callers)
  }

  #onGateError(error: Error): void {
    const { log, name } = this.#options
    log().warn({ err: error }, `the task ${name} cannot take calls from its queue; it tries again`)
    setTimeout(() => this.#lookSoon(), errorPause)
  }
}
