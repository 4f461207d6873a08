// Runs in the arbiter, with the setting `reload`: what a changed file does. All workers of the old code leave
// at once, new requests wait in the kernel's queue, and when the files are written the new code is loaded and
// booted. There is no way back to old code: what is broken is shown on a page until the next change.

import type { ErrorReport } from '../../ipc/messages.ts'
import type { ArbiterOptions } from '../loop/options.ts'
import type { ProcessEnd } from '../model/commands.ts'
import type { Generation } from '../model/generation.ts'
import { whyNotReady } from '../report/narrate.ts'
import type { Reloads } from './reload.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'
import type { Workforce } from '../pool/workforce.ts'

type Options = Pick<ArbiterOptions, 'clock' | 'report' | 'steps' | 'files'>

export interface ChangeParts {
  readonly reloads: Reloads
  readonly workforce: Pick<Workforce, 'retire' | 'roster'>
}

/**
 * `changing`: files are being written. `loading`: the new code is. In both no worker may start. `booting`:
 * its workers do.
 */
type Phase = 'idle' | 'changing' | 'loading' | 'booting'

export class ChangeRestarts {
  readonly #options: Options
  readonly #parts: ChangeParts
  #phase: Phase = 'idle'
  #since = 0
  /** A load is under way whose files have changed since it began. */
  #stale = false
  /** What is wrong with the code of now was told. */
  #isBroken = false
  /** The generation of which that was said last: its other workers have nothing to add. */
  #toldOf = 0

  constructor(options: Options, parts: ChangeParts) {
    this.#options = options
    this.#parts = parts
  }

  /** The code that runs is outdated, and there is no newer one yet: no worker may start. */
  get holds(): boolean {
    return this.#phase === 'changing' || this.#phase === 'loading'
  }

  /** A file has changed, others may follow. */
  begin(): void {
    const { workforce, reloads } = this.#parts
    if (!this.holds) this.#since = this.#options.clock.now()
    this.#phase = 'changing'
    this.#stale = reloads.generations.isLoading
    reloads.generations.complete() // a reload that was going on has nothing to go back to
    for (const { age, state } of workforce.roster.all()) if (holdsSlot(state)) workforce.retire(age, 'change')
  }

  /** The files are written. */
  load(files: readonly string[]): void {
    this.#options.report({ type: 'files_changed', files })
    this.#phase = 'loading'
    if (!this.#stale) this.#parts.reloads.generations.load()
  }

  /** Answers false when this load is not for a change. */
  loaded(generation: Generation): boolean {
    if (!this.holds) return false
    if (this.#dropStale(generation)) return true
    const { reloads } = this.#parts
    this.#phase = 'booting'
    this.#isBroken = false
    reloads.adopt(generation)
    reloads.generations.complete()
    return true
  }

  /** Answers false when this load was not for a change. */
  loadFailed(reason: string): boolean {
    this.#options.files?.loadFailed(reason)
    if (!this.holds) return false
    if (this.#dropStale()) return true
    this.#parts.reloads.generations.loadFailed()
    this.#phase = 'booting'
    this.#break({ message: `the config cannot be loaded: ${reason}`, stack: '' })
    return true
  }

  /** A worker has loaded files, or looked for them. */
  saw(worker: WorkerRecord, files: Parameters<NonNullable<Options['files']>['saw']>[0]): void {
    if (holdsSlot(worker.state)) this.#options.files?.saw(files)
  }

  /** Every worker that cannot boot serves the page, but it is told once. */
  tellBroken(worker: WorkerRecord, error: ErrorReport): void {
    this.#parts.workforce.roster.note(worker.age, { bootError: error.message })
    if (holdsSlot(worker.state) && worker.generation !== this.#toldOf) this.#tell(error)
  }

  /**
   * A worker has died before it was ready. Answers whether the next one shows why, instead of trying the same
   * again.
   */
  failedBoot(worker: WorkerRecord, end: ProcessEnd): boolean {
    const { current } = this.#parts.reloads
    const { reload } = current.config.settings
    if (reload === false || worker.generation !== current.number || current.broken) return false
    this.#break({ message: whyNotReady(worker, end), stack: (end.lastLines ?? []).join('\n') })
    return true
  }

  /** All workers of the new code serve. */
  noticeEnd(workers: readonly WorkerRecord[], now: number): void {
    const { reloads } = this.#parts
    if (this.#phase !== 'booting' || !reloads.isComplete(workers)) return
    this.#phase = 'idle'
    if (!this.#isBroken)
      this.#options.report({ type: 'restarted', generation: reloads.current.number, took: now - this.#since })
  }

  #break(error: ErrorReport): void {
    this.#parts.reloads.generations.breakWith(error)
    this.#parts.reloads.clearSlots()
    this.#tell(error)
  }

  #tell(error: ErrorReport): void {
    this.#isBroken = true
    this.#toldOf = this.#parts.reloads.current.number
    this.#options.report({ type: 'app_broken', error })
  }

  /** What was loaded is outdated already. */
  #dropStale(generation?: Generation): boolean {
    if (!this.#stale && this.#phase === 'loading') return false
    const { generations } = this.#parts.reloads
    generations.drop(generation)
    this.#stale = false
    if (this.#phase === 'loading') generations.load()
    return true
  }
}
