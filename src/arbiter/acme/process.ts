// Runs in the arbiter, only with `acme`: the short-lived process that orders a certificate, as a promise of
// its result.

import { readAcmeReport, type AcmeReport, type AcmeTask } from '../../ipc/acme-messages.ts'
import { programIn } from '../../ipc/home.ts'
import { messageOf } from '../../os/error-message.ts'
import type { SpawnedProcess } from '../../os/process/spawn.ts'
import { spawnHelper, type HelperEnd } from '../../os/process/spawn-helper.ts'
import type { AcmeChallenge } from '../../tls/material.ts'

/** Milliseconds. An authority looks from several places, and may have a queue. */
const longest = { prepare: 30_000, order: 600_000 } as const
export interface AcmeSurroundings {
  /** The package of tsgun that it is started from. */
  readonly home: string
  readonly environment: NodeJS.ProcessEnv
}

export interface AcmeHandlers {
  readonly onOrdering?: () => void
  /** Resolves when they are served. */
  readonly present?: (challenges: readonly AcmeChallenge[]) => Promise<void>
}

export type AcmeResult = Exclude<AcmeReport, { readonly type: 'ordering' | 'challenges' }>

export interface AcmeRun {
  /** Never rejects. */
  readonly result: Promise<AcmeResult>
  /** Ends it; its result means nothing then. */
  readonly stop: () => void
}

export type StartAcme = typeof startAcme

export function startAcme(
  surroundings: AcmeSurroundings,
  task: AcmeTask,
  handlers: AcmeHandlers = {},
): AcmeRun {
  const running = new RunningAcme(surroundings, task, handlers)
  return { result: running.result, stop: () => running.stop() }
}

class RunningAcme implements AcmeRun {
  readonly result: Promise<AcmeResult>
  readonly #process: SpawnedProcess
  readonly #handlers: AcmeHandlers
  readonly #timer: NodeJS.Timeout
  #resolve: (result: AcmeResult) => void = () => undefined

  constructor(surroundings: AcmeSurroundings, task: AcmeTask, handlers: AcmeHandlers) {
    this.#handlers = handlers
    this.result = new Promise((resolve) => (this.#resolve = resolve))
    const limit = longest[task.job]
    this.#timer = setTimeout(() => this.#giveUp(`it took longer than ${limit / 1000} s`), limit)
    const { home, environment } = surroundings
    this.#process = spawnHelper(
      { entry: programIn(home, 'acme'), environment },
      {
        onMessage: (value) => this.#take(readAcmeReport(value)),
        onEnd: (end) => this.#end(failed(howItEnded(end))),
      },
    )
    this.#process.send(task)
  }

  stop(): void {
    this.#process.kill('SIGKILL')
  }

  #take(report: AcmeReport | undefined): void {
    if (report === undefined) return this.#giveUp('the process that orders it has sent an unknown message')
    if (report.type === 'ordering') return this.#handlers.onOrdering?.()
    if (report.type === 'challenges') return void this.#present(report.challenges)
    this.#end(report)
  }

  async #present(challenges: readonly AcmeChallenge[]): Promise<void> {
    try {
      await this.#handlers.present?.(challenges)
      this.#process.send({ type: 'presented' })
    } catch (error) {
      this.#giveUp(messageOf(error))
    }
  }

  #giveUp(reason: string): void {
    this.#end(failed(reason))
    this.stop()
  }

  #end(result: AcmeResult): void {
    clearTimeout(this.#timer)
    this.#resolve(result)
  }
}

const failed = (reason: string): AcmeResult => ({ type: 'failed', reason, retryAfter: 0, failures: 0 })

function howItEnded({ code, signal, error, crash }: HelperEnd): string {
  if (error !== undefined) return `the process that orders it could not be started: ${messageOf(error)}`
  const how = signal === null ? `with exit code ${code ?? ''}` : `by ${signal}`
  return `the process that orders it has ended ${how}${crash === undefined ? '' : `: ${crash}`}`
}
