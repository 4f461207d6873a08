// Runs in the arbiter: a foreign program in the shape in which a pool knows its processes. It gets signals
// instead of messages, and what a worker would report is found out here. Its output goes to the app log.

import type { ArbiterMessage, WorkerMessage } from '../../../ipc/messages.ts'
import { OutputCapture } from '../../../logging/capture/output.ts'
import { Tail } from '../../../logging/capture/tail.ts'
import type { Logs } from '../../../logging/files/logs.ts'
import { spawnCommand, type SpawnedCommand } from '../../../os/process/spawn-command.ts'
import { within } from '../../../os/system/within.ts'
import type { CommandStart, StartCommand, WorkerHandlers, WorkerProcess } from '../../model/system.ts'
import { consume, outputOf, outputPatience } from './consume.ts'
import { Readiness } from './readiness.ts'

/** Starts programs whose output goes to these logs. */
export function commandStarter(logs: Pick<Logs, 'write'>, spawn = spawnCommand): StartCommand {
  return (start, handlers) => new CommandProcess(start, handlers, { logs, spawn })
}

interface Surroundings {
  readonly logs: Pick<Logs, 'write'>
  readonly spawn: typeof spawnCommand
}

class CommandProcess implements WorkerProcess {
  readonly outputEnded: Promise<unknown>
  readonly #start: CommandStart
  readonly #handlers: WorkerHandlers
  readonly #readiness: Readiness
  readonly #process: SpawnedCommand
  readonly #tail = new Tail()
  #isToEnd = false

  constructor(start: CommandStart, handlers: WorkerHandlers, { logs, spawn }: Surroundings) {
    this.#start = start
    this.#handlers = handlers
    const { directory, identity } = start
    this.#readiness = new Readiness({
      ready: start.ready,
      directory,
      owner: identity,
      onReady: () => this.#report({ type: 'ready' }),
      onTrouble: ({ message }) => {
        this.#report({ type: 'boot_failed', failure: 'boot', error: { message, stack: '' } })
        this.kill()
      },
    })
    this.#process = this.#spawn(spawn)
    this.outputEnded = this.#collect(logs)
    if (this.pid === null) return
    this.#report({ type: 'hello' })
    this.#readiness.begin()
  }

  #spawn(spawn: typeof spawnCommand): SpawnedCommand {
    const { words, directory, environment, identity, settings } = this.#start
    const options = {
      words,
      directory,
      environment: { ...environment, ...this.#readiness.environment },
      uid: identity.uid,
      gid: identity.gid,
      output: outputOf(settings),
    }
    try {
      return spawn(options, {
        onEnd: (...end) => void this.#end(...end),
        onUnguarded: (reason) => this.#handlers.onTrouble?.(unguarded(reason)),
      })
    } catch (error) {
      this.#readiness.close()
      throw error
    }
  }

  get pid(): number | null {
    return this.#process.pid ?? null
  }

  /** Both ways to end it ask with its signal; the deadline of the arbiter is what differs. */
  send({ type }: ArbiterMessage): void {
    if (type !== 'retire' && type !== 'quit') return
    if (!this.#isToEnd) this.#report({ type: 'shut' })
    this.#isToEnd = true
    this.#process.signal(this.#start.stopSignal)
  }

  kill(): void {
    this.#process.signal('SIGKILL')
  }

  #report(message: WorkerMessage): void {
    this.#handlers.onMessage(message)
  }

  async #end(code: number | null, signal: NodeJS.Signals | null, error?: Error): Promise<void> {
    this.#readiness.close()
    await within(this.outputEnded, outputPatience)
    const lastLines = this.#process.stderr === null ? {} : { lastLines: this.#tail.lines() }
    if (error !== undefined) return this.#handlers.onEnd({ code, signal, error })
    const end = this.#isOrderly(code, signal) ? { code: 0, signal: null } : { code, signal }
    this.#handlers.onEnd({ ...end, ...lastLines, foreign: true })
  }

  /** Programs end by the signal, or with any code of their own, when they were asked to. */
  #isOrderly(code: number | null, signal: NodeJS.Signals | null): boolean {
    return this.#isToEnd && (code !== null || signal === this.#start.stopSignal)
  }

  #collect(logs: Pick<Logs, 'write'>): Promise<unknown> {
    const { nr, name, settings, color } = this.#start
    const { stdout, stderr, pid = 0 } = this.#process
    const source = { service: name, nr }
    const capture = (stream: 'stdout' | 'stderr'): OutputCapture =>
      new OutputCapture({
        stream,
        pid,
        nr,
        service: name,
        format: settings.log_format,
        color,
        write: (lines) => logs.write('app', lines, source),
      })
    return Promise.all([
      consume(stdout, capture('stdout'), (chunk) => this.#readiness.see('stdout', chunk)),
      consume(stderr, capture('stderr'), (chunk) => {
        this.#readiness.see('stderr', chunk)
        this.#tail.push(chunk)
      }),
    ])
  }
}

function unguarded(reason: string): string {
  return `this program lives on if the master is killed, because /bin/sh could not be started: ${reason}`
}
