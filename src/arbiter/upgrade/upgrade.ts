// Runs in the arbiter: the upgrade to a new master, as the old one and as the new one see it. The two share
// their sockets as long as both live; whoever is left goes on. What happens to the other comes by the queue,
// as everything does.

import { describeError } from '../../logging/records/describe-error.ts'
import { environmentNames, supervisorNames } from '../../ipc/environment.ts'
import type { Listener } from '../../listen/listener.ts'
import { spawnArbiter, watchLife, type ArbiterCommandLine } from '../../os/process/spawn-arbiter.ts'
import type { CommandQueue } from '../model/commands.ts'
import type { Report } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import { nextMaster } from './command.ts'
import { readFirstWord, writeHandover, type Predecessor } from './handover.ts'

/** What became of the other master. */
export type UpgradeNote =
  | { readonly what: 'started'; readonly pid: number }
  | { readonly what: 'serves' }
  /** There is no new master; or it has told why it does not serve, and is gone. */
  | { readonly what: 'failed'; readonly reason: string }
  | { readonly what: 'ended' }
  /** The old one is gone. */
  | { readonly what: 'alone' }

/** What an upgrade needs. */
export interface UpgradeOptions {
  /** How this master was started. */
  readonly command: ArbiterCommandLine
  /** The old master, if this is the new one. */
  readonly predecessor: Predecessor | undefined
  readonly queue: Pick<CommandQueue, 'put'>
  readonly report: Report
  /** Which sockets the new master gets, of these and others. */
  readonly share: (served: readonly Listener[]) => readonly Listener[]
  /** This master takes the place of the old one. */
  readonly onPromoted: (from: number) => void
}

interface Successor {
  pid: number
  serves: boolean
  isGone: boolean
}

export class Upgrade {
  readonly #options: UpgradeOptions
  #predecessor: Predecessor | undefined
  #isAlone = true
  #next: Successor | undefined

  constructor(options: UpgradeOptions) {
    this.#options = options
    const { predecessor, queue } = options
    this.#predecessor = predecessor
    if (predecessor === undefined) return
    this.#isAlone = false
    watchLife(predecessor.life, () => {
      this.#isAlone = true
      queue.put({ type: 'upgrade', note: { what: 'alone' } })
    })
  }

  /** Another master has the same sockets, or is about to. */
  get isShared(): boolean {
    return !this.#isAlone || this.#next?.isGone === false
  }

  /** What the names of this master's own files end with. */
  get suffix(): '' | '.2' {
    return this.#isAlone ? '' : '.2'
  }

  /** Why none can begin now; undefined when one can. */
  get refusal(): string | undefined {
    if (this.#predecessor)
      return (
        'this master is itself the new one of an upgrade, and the old one lives (pid ' +
        `${this.#predecessor.pid})`
      )
    if (this.#next)
      return `a new master is there already${this.#next.pid === 0 ? '' : ` (pid ${this.#next.pid})`}`
    return undefined
  }

  /** Nothing of this master changes but that it has a neighbour. `ready`: pre_exec is done. */
  begin(generation: Generation, ready: Promise<void>): void {
    const next: Successor = { pid: 0, serves: false, isGone: false }
    this.#next = next
    this.#start(next, generation, ready).catch((error: unknown) => {
      next.isGone = true
      this.#note({ what: 'failed', reason: describeError(error).message })
    })
  }

  heed(note: UpgradeNote): void {
    const { report, onPromoted } = this.#options
    const pid = this.#next?.pid ?? 0
    if (note.what === 'started') report({ type: 'upgrading', pid: note.pid })
    if (note.what === 'serves') report({ type: 'upgraded', pid })
    if (note.what === 'failed' || note.what === 'ended') this.#next = undefined
    if (note.what === 'failed') report({ type: 'upgrade_failed', reason: note.reason })
    if (note.what === 'ended') report({ type: 'upgrade_ended', pid })
    if (note.what !== 'alone' || this.#predecessor === undefined) return
    const from = this.#predecessor.pid
    this.#predecessor = undefined
    onPromoted(from)
    report({ type: 'promoted', from })
  }

  async #start(
    next: Successor,
    { config: { settings }, listeners: served }: Generation,
    ready: Promise<void>,
  ): Promise<void> {
    const listeners = this.#options.share(served)
    await ready
    const { command, executable } = await nextMaster(this.#options.command, settings.upgrade_exec)
    const environment = {
      ...command.environment,
      [environmentNames.upgrade]: writeHandover(process.pid, listeners),
    }
    const sockets = listeners.map(({ fd }) => fd)
    let reason: string | undefined
    const pid = await spawnArbiter(
      { ...command, environment },
      {
        executable,
        sockets,
        detached: settings.daemon,
        viaIntermediate: supervisorNames.notifySocket in command.environment,
      },
      {
        onLine: (line) => {
          reason = this.#hear(next, line)
        },
        onEnd: (code, signal) => {
          next.isGone = true
          this.#note(
            next.serves ? { what: 'ended' } : { what: 'failed', reason: reason ?? endOf(code, signal) },
          )
        },
      },
    )
    next.pid = pid
    this.#note({ what: 'started', pid })
  }

  /** Answers why it does not serve, if it does not. */
  #hear(next: Successor, line: string): string | undefined {
    try {
      const word = readFirstWord(line)
      if ('failed' in word) return word.failed
      next.serves = true
      this.#note({ what: 'serves' })
      return undefined
    } catch (error) {
      return `it said ${JSON.stringify(line.slice(0, 60))}: ${describeError(error).message}`
    }
  }

  #note(note: UpgradeNote): void {
    this.#options.queue.put({ type: 'upgrade', note })
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null && code === null)
    return 'the new master has ended without a reason; its standard error may have one'
  if (signal !== null) return `the new master was ended by ${signal} before its workers served`
  if (code === 0) return 'the new master was stopped before its workers served'
  return (
    `the new master exited with code ${String(code)} and without a reason; its standard error may ` +
    'have ' +
    'one'
  )
}
