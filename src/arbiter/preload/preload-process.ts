// Runs in the arbiter: the short-lived process that runs preload(), from its start until it has ended.

import type { ErrorReport, WorkerMessage } from '../../ipc/messages.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { PreloadResult } from '../../sharing/manifest.ts'
import { errorIn, firstLine } from '../model/death/last-error.ts'
import type { ProcessEnd } from '../model/death/process-end.ts'
import { endFact, limitWords, startFailure } from '../model/death/verdict.ts'
import type { StartWorker, WorkerProcess, WorkerStart } from '../model/system.ts'

/** Why there is nothing to share. */
export class PreloadFailure extends Error {
  override readonly name = 'PreloadFailure'
  readonly report: ErrorReport

  constructor(report: ErrorReport) {
    super(report.message)
    this.report = report
  }
}

/** The server stops: nothing has failed. */
export class PreloadStopped extends Error {
  override readonly name = 'PreloadStopped'
}

export interface PreloadRun {
  /**
   * Resolves when the process has ended, with null when the module exports no preload(). Rejects with a
   * PreloadFailure or a PreloadStopped.
   */
  readonly result: Promise<PreloadResult | null>
  /** Ends the process at once. */
  stop(): void
}

export interface PreloadProcessParts {
  readonly start: WorkerStart
  readonly startWorker: StartWorker
  readonly clock: Pick<Clock, 'after'>
  /** Milliseconds; 0 means no limit. */
  readonly limit: number
  /** Milliseconds that its watchdog gets to report where it hangs. */
  readonly allowance: number
}

type Outcome = { readonly result: PreloadResult | null } | { readonly error: Error }

export function runPreloadProcess(parts: PreloadProcessParts): PreloadRun {
  const running = new RunningPreload(parts)
  return { result: running.result, stop: () => running.end(new PreloadStopped('the server stops')) }
}

class RunningPreload {
  readonly result: Promise<PreloadResult | null>
  readonly #module: string
  readonly #process: WorkerProcess
  readonly #late: string
  #outcome: Outcome | undefined
  #settle: (outcome: Outcome) => void = () => undefined

  constructor({ start, startWorker, clock, limit, allowance }: PreloadProcessParts) {
    this.#module = start.boot.preload?.module ?? ''
    this.#late = `was not done within boot_timeout, ${limit / 1000} s`
    this.result = new Promise((resolve, reject) => {
      this.#settle = (outcome) => ('error' in outcome ? reject(outcome.error) : resolve(outcome.result))
    })
    const timer = limit === 0 ? undefined : clock.after(limit + allowance, () => this.#fail(this.#late))
    this.#process = startWorker(start, {
      onMessage: (message) => this.#take(message),
      onUnknownMessage: () => undefined,
      onChannelClosed: () => this.#fail('failed: it has closed the channel to the master'),
      onGarbage: () => undefined,
      onEnd: (end) => {
        timer?.cancel()
        this.#settle(this.#outcome ?? { error: this.#failure(`failed: ${howItEnded(end)}`) })
      },
    })
  }

  /** The first reason counts. */
  end(error: Error): void {
    this.#outcome ??= { error }
    this.#process.kill()
  }

  #take(message: WorkerMessage): void {
    switch (message.type) {
      case 'preloaded':
        this.#outcome ??= { result: message.result }
        return
      case 'boot_failed':
        this.#outcome ??= { error: new PreloadFailure(message.error) }
        return
      case 'fault':
        this.#outcome ??= { error: this.#failure(`failed: ${firstLine(message.error.stack)}`) }
        return
      case 'stuck': {
        const { step, stack } = message.report
        const where = step === null ? '' : `: ${step}`
        return this.end(this.#failure(`${this.#late}${where}`, stack.join('\n')))
      }
      default:
        return
    }
  }

  #fail(how: string): void {
    this.end(this.#failure(how))
  }

  #failure(how: string, stack = ''): PreloadFailure {
    return new PreloadFailure({ message: `preload() of ${this.#module} ${how}`, stack })
  }
}

function howItEnded(end: ProcessEnd): string {
  if (end.error) return `its process could not be started: ${startFailure(end.error)}`
  const printed = errorIn(end.lastLines)
  const memory = end.signal === 'SIGKILL' ? '; perhaps for lack of memory' : ''
  const how = `${endFact(end)}${printed === undefined ? '' : ` (${printed})`}`
  return `its process ${how}${memory}${limitWords(end)}`
}
