// Runs in the main thread of a worker of the class `threads`: keeps its threads serving, passes the orders of
// the arbiter to them, and speaks for all of them. The arbiter knows the worker only.

import { exitCodes } from '../../ipc/exit-codes.ts'
import type { ArbiterMessage, BootMessage, ErrorReport, WorkerMessage } from '../../ipc/messages.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type { Clock, Timer } from '../../os/system/clock.ts'
import { ThreadFigures } from './figures.ts'
import { howEnded, newMember, type Member } from './member.ts'
import type { AboutThread } from './messages.ts'
import { MissedOrders } from './missed-orders.ts'
import type { ThreadEnd, ThreadHandlers } from './serving-thread.ts'
import type { ThreadWatch, ThreadWatchOptions } from './thread-watch.ts'

/** What it needs of the process. */
export interface ThreadSystem {
  readonly clock: Clock
  /** `index`: of the thread. The handlers are called in later turns. Throws when it cannot be started. */
  readonly start: (index: number, handlers: Pick<ThreadHandlers, 'onMessage' | 'onEnd'>) => Member['thread']
  readonly watch: (options: ThreadWatchOptions) => Pick<ThreadWatch, 'end'>
  readonly takeOnIdentity: () => void
  /** The sockets of the process are closed, and those of no thread. */
  readonly closeSockets: () => void
  /** What a thread that was terminated has not done: its row of the shared counters becomes zero. */
  readonly clearRow: (index: number) => void
  readonly rss: () => number
  readonly send: (message: WorkerMessage) => void
  /** All threads serve for the first time. */
  readonly onReady: () => void
  readonly exit: (code: number) => void
  /** Ends the process by force: a thread has not ended in time, perhaps because it is in native code. */
  readonly kill: () => void
}

/** A replacement that ends sooner, in milliseconds, is not replaced: the next one would do the same. */
export const trial = 1000
/** Milliseconds beyond the time of a drain for the last steps of the app. */
const lastSteps = 1500

type Retire = Extract<ArbiterMessage, { type: 'retire' }>

export class ThreadSupervisor {
  readonly #message: BootMessage
  readonly #system: ThreadSystem
  readonly #members = new Map<number, Member>()
  readonly #figures = new ThreadFigures()
  readonly #missed = new MissedOrders()
  /** The threads that answer the challenges of this number, the latest. */
  #challenged = { nr: 0, threads: new Set<number>() }
  /** All threads have served once. */
  #isReady = false
  #isEnding = false
  #isShut = false
  #hasIdentity = false
  #hasFailed = false
  /** What only the first thread reports, because it is the same in each. */
  readonly #reported = new Set<WorkerMessage['type']>()
  /** The worst exit code of its threads. */
  #code = 0
  #deadline: Timer | undefined

  constructor(message: BootMessage, system: ThreadSystem) {
    this.#message = message
    this.#system = system
  }

  start(): void {
    const count = this.#message.checkOnly ? 1 : this.#message.threads
    for (let index = 0; index < count; index += 1) this.#start(index)
  }

  /** Reports to the arbiter that this process is alive, and what its threads do. */
  beat(): void {
    const report = this.#figures.taskReport()
    if (report) this.#system.send({ type: 'tasks', report })
    this.#system.send(this.#figures.total(this.#system.rss()))
  }

  apply(order: ArbiterMessage): void {
    this.#missed.note(order)
    if (order.type === 'retire') this.#retire(order)
    if (order.type === 'quit' || order.type === 'abort') this.#isEnding = true
    for (const member of this.#members.values()) member.thread.post({ kind: 'order', order })
  }

  get hasEnded(): boolean {
    return this.#members.size === 0
  }

  #start(index: number): void {
    try {
      this.#startThread(index)
    } catch (thrown) {
      this.#failToStart(index, describeError(thrown))
    }
  }

  #startThread(index: number): void {
    const thread = this.#system.start(index, {
      onMessage: (message) => this.#receive(member, message),
      onEnd: (end) => this.#end(member, end),
    })
    const member = newMember(index, thread, !this.#isReady)
    this.#members.set(index, member)
    for (const order of this.#missed.all) thread.post({ kind: 'order', order })
  }

  /** For example, no descriptor is free. */
  #failToStart(thread: number, error: ErrorReport): void {
    if (this.#isReady) {
      this.#system.send({ type: 'thread_ended', thread, how: `cannot be started again: ${error.message}` })
      return this.#giveUp(error)
    }
    this.#sendOnce({ type: 'boot_failed', failure: 'boot', error })
    this.#system.exit(exitCodes.bootFailed.code)
  }

  #receive(member: Member, message: AboutThread): void {
    if (message.kind === 'message') return this.#report(member, message.message)
    if (message.kind === 'identity') return this.#awaitIdentity(member)
    member.watch = this.#system.watch({
      orders: message.orders,
      thread: member.thread.id,
      send: (report) => this.#reportStuck(member, report),
      onStuck: () => this.#replaceStuck(member),
    })
  }

  /** The first threads have run post_fork with the rights of the master: all of them wait for the last. */
  #awaitIdentity(member: Member): void {
    member.waitsForIdentity = true
    const all = [...this.#members.values()]
    if (!this.#hasIdentity && !all.every((each) => each.waitsForIdentity)) return
    if (!this.#hasIdentity) this.#system.takeOnIdentity()
    this.#hasIdentity = true
    for (const each of all) if (each.waitsForIdentity) each.thread.post({ kind: 'identity' })
    for (const each of all) each.waitsForIdentity = false
  }

  #report(member: Member, message: WorkerMessage): void {
    const { index } = member
    switch (message.type) {
      case 'ready':
        return this.#ready(member)
      case 'beat':
        return this.#figures.beat(index, message)
      case 'tasks':
        return this.#figures.tasks(index, message.report)
      case 'clients':
        this.#figures.clients(index, message.changes)
        return this.#system.send(message)
      case 'shut':
        member.isShut = true
        return this.#checkShut()
      case 'fault':
      case 'boot_failed':
        member.error = message.error
        return this.#isReady ? undefined : this.#sendOnce(message)
      case 'broken':
        return this.#sendOnce(message)
      case 'challenged':
        return this.#challengedBy(index, message.nr)
      case 'debugged': // --inspect is for the process: the watch of each thread looks for it
        return
      default:
        return this.#system.send(message)
    }
  }

  #sendOnce(message: WorkerMessage): void {
    if (!this.#reported.has(message.type)) this.#system.send(message)
    this.#reported.add(message.type)
  }

  #ready(member: Member): void {
    member.readyAt = this.#system.clock.now()
    if (this.#isReady) return this.#system.send({ type: 'thread_ready', thread: member.index })
    if ([...this.#members.values()].some(({ readyAt }) => readyAt === undefined)) return
    this.#isReady = true
    this.#system.send({ type: 'ready' })
    this.#system.onReady()
  }

  #checkShut(): void {
    if (this.#isShut || [...this.#members.values()].some(({ isShut, isLost }) => !isShut && !isLost)) return
    this.#isShut = true
    this.#system.closeSockets()
    this.#system.send({ type: 'shut' })
  }

  #challengedBy(index: number, nr: number): void {
    if (nr !== this.#challenged.nr) this.#challenged = { nr, threads: new Set() }
    const { threads } = this.#challenged
    threads.add(index)
    if (threads.size === this.#members.size) this.#system.send({ type: 'challenged', nr })
  }

  /** During the boot the whole worker is stuck. */
  #reportStuck(member: Member, message: WorkerMessage): void {
    if (!this.#isReady) return this.#system.send(message)
    if (message.type !== 'stuck') return
    member.isLost = message.report.where === 'native'
    this.#system.send({ type: 'thread_stuck', thread: member.index, report: message.report })
  }

  #replaceStuck(member: Member): void {
    if (!this.#isReady) return // the arbiter ends the process
    if (member.isLost) return this.#fail()
    member.isTerminated = true
    member.thread.terminate()
  }

  /** This worker has to be replaced: the arbiter starts the next one before it ends this one. */
  #fail(): void {
    if (!this.#hasFailed && !this.#isEnding) this.#system.send({ type: 'threads_failed' })
    this.#hasFailed = true
  }

  #end(member: Member, end: ThreadEnd): void {
    const { index } = member
    member.watch?.end()
    this.#members.delete(index)
    this.#system.clearRow(index)
    const changes = this.#figures.end(index)
    if (changes.length > 0) this.#system.send({ type: 'clients', changes })
    if (this.#isEnding || !this.#isReady || this.#message.checkOnly) return this.#endOfPart(member, end)
    const how = howEnded(member, end)
    if (!member.isTerminated) this.#system.send({ type: 'thread_ended', thread: index, how })
    if (this.#mayBeReplaced(member)) return this.#start(index)
    this.#giveUp(member.error ?? { message: how, stack: '' })
  }

  /** A thread is missing from now on. */
  #giveUp(error: ErrorReport): void {
    this.#fail()
    if (!this.hasEnded) return
    this.#system.send({ type: 'fault', error })
    this.#system.exit(1)
  }

  /** One of the first threads, or a replacement that has shown that it can serve. */
  #mayBeReplaced({ isFirst, readyAt }: Member): boolean {
    return isFirst || (readyAt !== undefined && this.#system.clock.now() - readyAt >= trial)
  }

  /** A thread that ends during the boot ends the worker. */
  #endOfPart(member: Member, end: ThreadEnd): void {
    this.#code = Math.max(this.#code, end.code)
    if (!this.#isReady && end.error)
      this.#sendOnce({ type: 'fault', error: { message: howEnded(member, end), stack: '' } })
    if (this.hasEnded || (!this.#isReady && !this.#isEnding)) this.#system.exit(this.#code)
    else this.#checkShut()
  }

  #retire({ within }: Retire): void {
    this.#isEnding = true
    this.#deadline?.cancel()
    this.#deadline = this.#system.clock.after(within + lastSteps, () => this.#system.kill())
  }
}
