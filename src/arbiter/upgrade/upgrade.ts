// Runs in the arbiter: the upgrade to a new arbiter, as the old one and as the new one see it. The two share
// their sockets while both live; the one that remains continues. What happens to the other one comes through
// the queue, like everything else.

import { environmentNames, supervisorNames } from '../../ipc/environment.ts'
import { programIn } from '../../ipc/home.ts'
import type { Listener } from '../../listen/listener.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import type {
  ArbiterCommandLine,
  ArbiterHandlers,
  ArbiterSpawnOptions,
} from '../../os/process/spawn-arbiter.ts'
import type { Commands, UpgradeNote } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import { socketsOfServer } from '../model/sockets.ts'
import type { InstanceLock } from '../services/locks.ts'
import type { NextArbiter, PresentRelease } from './command-line.ts'
import { readFirstMessage, writeHandover, type Predecessor } from './handover.ts'

/** The seam to the operating system. */
export interface UpgradeSystem {
  /** Rejects with the reason why the program of the next arbiter cannot run. */
  readonly findNext: (
    command: ArbiterCommandLine,
    upgradeExec: string | null,
    present: PresentRelease,
  ) => Promise<NextArbiter>
  /** Resolves with the process id. */
  readonly start: (
    command: ArbiterCommandLine,
    options: ArbiterSpawnOptions,
    handlers: ArbiterHandlers,
  ) => Promise<number>
  /** Calls once when the process at the other end of this pipe has exited. */
  readonly watchLife: (fd: number, onExit: () => void) => void
}

export interface UpgradeOptions {
  /** How this arbiter was started; undefined when it is a program with code of its own. */
  readonly command: ArbiterCommandLine | undefined
  /** The old arbiter, if this is the new one. */
  readonly predecessor: Predecessor | undefined
  readonly commands: Commands
  readonly emit: Emit
  readonly system: UpgradeSystem
  /** The package of tsgun of the present release. */
  readonly home: () => string
  /** The sockets that the new arbiter gets, of these and others. */
  readonly share: (served: readonly Listener[]) => readonly Listener[]
  /** The locks that the new arbiter gets. */
  readonly locks: () => readonly InstanceLock[]
  /** The socket of the bus, which the new arbiter gets too; undefined without a bus. */
  readonly bus?: () => { readonly fd: number; readonly path: string } | undefined
  /** This arbiter takes the place of the old one. */
  readonly onPromoted: (from: number) => void
  /** No other arbiter has the same sockets any more. */
  readonly onAlone: () => void
}

const noUpgrade = 'this server runs inside of a program, which only its own supervisor can start again'

interface Successor {
  pid: number
  serves: boolean
  hasExited: boolean
}

export class Upgrade {
  readonly #options: UpgradeOptions
  #predecessor: Predecessor | undefined
  #isAlone = true
  #next: Successor | undefined

  constructor(options: UpgradeOptions) {
    this.#options = options
    const { predecessor, commands, system } = options
    this.#predecessor = predecessor
    if (predecessor === undefined) return
    this.#isAlone = false
    system.watchLife(predecessor.life, () => {
      this.#isAlone = true
      commands.put({ type: 'upgrade', note: { what: 'alone' } })
    })
  }

  /** Another arbiter has the same sockets, or is about to. */
  get isShared(): boolean {
    return !this.#isAlone || this.#next?.hasExited === false
  }

  /** The suffix of the names of this arbiter's own files. */
  get suffix(): '' | '.2' {
    return this.isSecond ? '.2' : ''
  }

  /** This is the new arbiter, and the old one still runs. */
  get isSecond(): boolean {
    return !this.#isAlone
  }

  /** Why no upgrade can begin now; undefined when one can. */
  get refusal(): string | undefined {
    if (this.#options.command === undefined) return noUpgrade
    if (this.#predecessor)
      return (
        'this master is the new one of an upgrade, and the old one still runs (pid ' +
        `${this.#predecessor.pid})`
      )
    if (this.#next)
      return `a new master is running already${this.#next.pid === 0 ? '' : ` (pid ${this.#next.pid})`}`
    return undefined
  }

  /** Starts a new arbiter beside this one. `ready`: pre_exec is done. */
  begin(generation: Generation, ready: Promise<void>): void {
    const next: Successor = { pid: 0, serves: false, hasExited: false }
    this.#next = next
    this.#start(next, generation, ready).catch((error: unknown) => {
      next.hasExited = true
      this.#note({ what: 'failed', reason: describeError(error).message })
    })
  }

  /** Applies what happened to the other arbiter. */
  apply(note: UpgradeNote): void {
    const { emit, onAlone } = this.#options
    const pid = this.#next?.pid ?? 0
    if (note.what === 'started') return emit({ type: 'upgrading', pid: note.pid })
    if (note.what === 'serves') return emit({ type: 'upgraded', pid })
    if (note.what === 'alone') return this.#promote()
    this.#next = undefined
    if (note.what === 'failed') emit({ type: 'upgrade_failed', reason: note.reason })
    else emit({ type: 'upgrade_reverted', pid })
    onAlone()
  }

  #promote(): void {
    if (this.#predecessor === undefined) return
    const { emit, onPromoted, onAlone } = this.#options
    const from = this.#predecessor.pid
    this.#predecessor = undefined
    onPromoted(from)
    emit({ type: 'upgrade_done', from })
    onAlone()
  }

  async #start(next: Successor, generation: Generation, ready: Promise<void>): Promise<void> {
    const { settings } = generation.config
    const { share, locks, system, home } = this.#options
    const listeners = share(socketsOfServer(generation))
    await ready
    const present = { home: home(), directory: generation.config.directory }
    const { upgrade_exec } = settings
    if (this.#options.command === undefined) throw new Error(noUpgrade)
    const { command, executable } = await system.findNext(this.#options.command, upgrade_exec, present)
    const bus = this.#options.bus?.()
    const inherited = { listeners, locks: locks(), bus }
    const handover = writeHandover(process.pid, inherited)
    const environment = { ...command.environment, [environmentNames.upgrade]: handover }
    const spawnOptions = {
      executable,
      sockets: [...inherited.listeners, ...inherited.locks, ...(bus ? [bus] : [])].map(({ fd }) => fd),
      detached: settings.daemon,
      intermediate:
        supervisorNames.notifySocket in command.environment
          ? programIn(generation.home, 'intermediate')
          : undefined,
    }
    next.pid = await system.start({ ...command, environment }, spawnOptions, this.#handlers(next))
    this.#note({ what: 'started', pid: next.pid })
  }

  #handlers(next: Successor): ArbiterHandlers {
    let reason: string | undefined
    return {
      onLine: (line) => {
        reason = this.#readFirstMessage(next, line)
      },
      onEnd: (code, signal) => {
        next.hasExited = true
        this.#note(
          next.serves ? { what: 'ended' } : { what: 'failed', reason: reason ?? endOf(code, signal) },
        )
      },
    }
  }

  /** Returns why the new arbiter does not serve, if it does not. */
  #readFirstMessage(next: Successor, line: string): string | undefined {
    try {
      const message = readFirstMessage(line)
      if ('failed' in message) return message.failed
      next.serves = true
      this.#note({ what: 'serves' })
      return undefined
    } catch (error) {
      return `it sent ${JSON.stringify(line.slice(0, 60))}: ${describeError(error).message}`
    }
  }

  #note(note: UpgradeNote): void {
    this.#options.commands.put({ type: 'upgrade', note })
  }
}

function endOf(code: number | null, signal: NodeJS.Signals | null): string {
  const seeOutput = 'without a reason; its standard error may have one'
  if (signal !== null) return `the new master was ended by ${signal} before its workers served`
  if (code === null) return `the new master has exited ${seeOutput}`
  if (code === 0) return 'the new master was stopped before its workers served'
  return `the new master exited with code ${code} ${seeOutput}`
}
