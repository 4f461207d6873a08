// Runs in the arbiter, with the setting `reload`: the development restart. When a file changes, all workers
// of the old code end at once and new requests wait in the queue of the kernel; when the files are written,
// the new code is loaded and booted. There is no way back to old code: an error is shown on a page until the
// next change.

import type { ErrorReport, SeenFile } from '../../ipc/messages.ts'
import type { Clock } from '../../os/system/clock.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { Verdict } from '../model/death/verdict.ts'
import type { WorkerRecord } from '../model/worker-record.ts'
import { holdsSlot } from '../model/worker-state.ts'
import type { Pool } from '../pool/pool.ts'
import type { Transition } from './transition.ts'

/** Watches the files of the code that runs. */
export interface FileWatcher {
  saw(files: readonly SeenFile[]): void
  loadFailed(reason: string): void
}

export interface RestartParts {
  readonly clock: Pick<Clock, 'now'>
  readonly emit: Emit
  readonly pools: { readonly all: readonly Pool[] }
  readonly files?: FileWatcher | undefined
}

/** What a development restart needs of the reload that owns it. */
export interface RestartOwner {
  readonly transition: Transition
  readonly adopt: (generation: Generation) => void
  /** Every slot has a worker of the wanted generation that serves. */
  readonly isComplete: () => boolean
  /** The restart is done. */
  readonly settle: () => void
  /** Workers that are started from now on show this error. */
  readonly breakWith: (error: ErrorReport) => void
}

/**
 * `changing`: files are being written. `loading`: the new code is being loaded. In both no worker may start.
 * `booting`: its workers boot.
 */
type Phase = 'idle' | 'changing' | 'loading' | 'booting'

export class DevelopmentRestart {
  readonly #parts: RestartParts
  readonly #owner: RestartOwner
  #phase: Phase = 'idle'
  #since = 0
  /** What has changed since then. */
  #files: readonly string[] = []
  /** Files have changed since the load in progress began. */
  #stale = false
  /** The error of the present code was reported. */
  #isBroken = false
  /** The generation whose error was reported last: its other workers fail for the same reason. */
  #reportedOf = 0

  constructor(parts: RestartParts, owner: RestartOwner) {
    this.#parts = parts
    this.#owner = owner
  }

  /** From the first change until all workers of the new code serve. */
  get isOn(): boolean {
    return this.#phase !== 'idle'
  }

  /** The code that runs is outdated, and no newer one is loaded yet: no worker may start. */
  get holdsWorkers(): boolean {
    return this.#phase === 'changing' || this.#phase === 'loading'
  }

  /** A file has changed, others may follow. */
  begin(): void {
    const { transition } = this.#owner
    if (!this.holdsWorkers) {
      this.#since = this.#parts.clock.now()
      this.#files = []
    }
    this.#phase = 'changing'
    this.#stale = transition.isLoading
    transition.complete() // a reload in progress has nothing to go back to
    for (const { workers, endings } of this.#parts.pools.all)
      for (const { age, state } of workers) if (holdsSlot(state)) endings.retire(age, 'change')
  }

  /** The files are written. */
  load(files: readonly string[]): void {
    this.#parts.emit({ type: 'files_changed', files })
    this.#files = [...new Set([...this.#files, ...files])]
    this.#phase = 'loading'
    if (!this.#stale) this.#owner.transition.load()
  }

  /** Returns false when this load is not for a restart. */
  loaded(generation: Generation): boolean {
    if (!this.holdsWorkers) return false
    if (this.#dropStale(generation)) return true
    this.#phase = 'booting'
    this.#isBroken = false
    this.#owner.adopt(generation)
    this.#owner.transition.complete()
    return true
  }

  /** Returns false when this load was not for a restart. */
  loadFailed(reason: string): boolean {
    this.#parts.files?.loadFailed(reason)
    if (!this.holdsWorkers) return false
    if (this.#dropStale()) return true
    this.#owner.transition.loadFailed()
    this.#phase = 'booting'
    this.#break({ message: `the config cannot be loaded: ${reason}`, stack: '' })
    return true
  }

  saw(worker: WorkerRecord, files: readonly SeenFile[]): void {
    if (holdsSlot(worker.state)) this.#parts.files?.saw(files)
  }

  /** Every worker that cannot boot serves the page, but the error is reported once. */
  workerBroken(worker: WorkerRecord, error: ErrorReport): void {
    if (holdsSlot(worker.state) && worker.generation !== this.#reportedOf) this.#report(error)
  }

  /** Returns whether the next worker shows why this one has died, instead of trying the same again. */
  failedBoot(worker: WorkerRecord, { broken, lastLines = [] }: Verdict): boolean {
    const { current } = this.#owner.transition
    const { reload } = current.config.settings
    if (reload === false || worker.generation !== current.number || current.broken || broken === null)
      return false
    const { reason: message } = broken
    // An uncaught error is in the error log already.
    if (worker.fault) this.#break({ message, stack: worker.fault.stack }, { message, stack: '' })
    else this.#break({ message, stack: lastLines.join('\n') })
    return true
  }

  /** Ends the restart when all workers of the new code serve. */
  checkDone(now: number): void {
    if (this.#phase !== 'booting' || !this.#owner.isComplete()) return
    this.#phase = 'idle'
    const generation = this.#owner.transition.current.number
    const took = now - this.#since
    if (!this.#isBroken) this.#parts.emit({ type: 'restarted', generation, took, files: this.#files })
    this.#owner.settle()
  }

  /** `logged`: what of it is reported. */
  #break(error: ErrorReport, logged: ErrorReport = error): void {
    this.#owner.breakWith(error)
    this.#report(logged)
  }

  #report(error: ErrorReport): void {
    this.#isBroken = true
    this.#reportedOf = this.#owner.transition.current.number
    this.#parts.emit({ type: 'app_broken', error })
  }

  /** What was loaded is outdated already. */
  #dropStale(generation?: Generation): boolean {
    if (!this.#stale && this.#phase === 'loading') return false
    const { transition } = this.#owner
    transition.drop(generation)
    this.#stale = false
    if (this.#phase === 'loading') transition.load()
    return true
  }
}
