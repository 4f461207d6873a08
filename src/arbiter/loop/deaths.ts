// Runs in the arbiter: the death of a worker, and a boot that fails: what they mean for the start or the
// reload in progress. The verdict is computed once, when the worker is reaped, and everything here uses it.

import { mainService } from '../../config/sources/service-plans.ts'
import { exitCodes } from '../../ipc/exit-codes.ts'
import type { WorkerMessage } from '../../ipc/messages.ts'
import type { Emit } from '../model/events.ts'
import type { ProcessEnd } from '../model/death/process-end.ts'
import type { System } from '../model/system.ts'
import type { Verdict } from '../model/death/verdict.ts'
import { workerView } from '../model/view.ts'
import { isPlanned, type WorkerRecord } from '../model/worker-record.ts'
import type { Death, Pool } from '../pool/pool.ts'
import { CriticalServices, type Loss } from '../services/critical.ts'
import { mustComeUp } from '../services/order.ts'
import type { ArbiterState } from './state.ts'

export interface DeathOptions {
  readonly emit: Emit
  readonly system: Pick<System, 'clock'>
}

export class Deaths {
  readonly #options: DeathOptions
  readonly #state: ArbiterState
  readonly #critical = new CriticalServices()

  constructor(options: DeathOptions, state: ArbiterState) {
    this.#options = options
    this.#state = state
  }

  /** The process of a worker has exited. */
  reap(age: number, end: ProcessEnd): void {
    const { pools } = this.#state
    const pool = pools.of(age)
    const death = pool?.bury(age, end)
    pools.figures.ended(age)
    if (pool === undefined || death === undefined) return
    pools.schedules.ended(death)
    this.#report(death)
    const { worker, verdict } = death
    const { reload, stop, start } = this.#state
    const loss = this.#critical.lossOf(pool, death, this.#options.system.clock.now())
    if (loss) return this.#failServer(pool, death, loss)
    if (verdict.broken === null || !mustComeUp(pool, pools.serving)) return
    const { promise, reason } = verdict.broken
    const isBoot = promise === 'boot'
    if (isBoot && !stop.isOn && reload.showsFailedBoot(worker, verdict)) return
    if (isBoot ? start.isOn : this.#endsStart(worker, verdict))
      this.#failStart(reason, exitCodes.bootFailed.code)
    else this.#failReload(worker, reason)
  }

  /**
   * A worker has died in its first second, without a request. In development the next change may mend it.
   */
  #endsStart({ nr, service, load }: WorkerRecord, { signal }: Verdict): boolean {
    const { start, reload, pools } = this.#state
    const { settings } = reload.current.config
    if (service !== mainService || settings.reload !== false || reload.noUpgrade !== undefined) return false
    // perhaps because of a request; a process that crashes cannot report one
    if (load.requests > 0 || load.busy > 0 || signal !== null) return false
    return start.diesOnTrial(nr, pools.app.target, this.#options.system.clock.now())
  }

  /**
   * A worker could not boot, and reports why. If several workers of a start fail, the first one is logged.
   */
  bootFailed(
    pool: Pool,
    worker: WorkerRecord,
    { failure, error }: Extract<WorkerMessage, { type: 'boot_failed' }>,
  ): void {
    const { start } = this.#state
    pool.noteBootError(worker.age, error.message)
    const quiet = pool.slots.isLooping(worker.nr)
    if (start.failure === undefined) this.#options.emit({ type: 'worker_failed', worker, error, quiet })
    if (isPlanned(worker) || !mustComeUp(pool, this.#state.pools.serving)) return
    const { appFailed, bootFailed } = exitCodes
    if (start.isOn) this.#failStart(error.message, failure === 'app' ? appFailed.code : bootFailed.code)
    else this.#failReload(worker, error.message)
  }

  #report({ worker, verdict, lived, wait, loop }: Death): void {
    const { start, stop, reload, view } = this.#state
    const isTriedAgain = !stop.isOn && !start.isOn && !reload.endsWith(worker, verdict)
    const retryIn = isTriedAgain ? wait : 0
    const event = { type: 'worker_ended', worker, verdict, lived, retryIn } as const
    if (start.failure === undefined || !verdict.isPlanned)
      this.#options.emit(loop === undefined ? event : { ...event, loop })
    if (worker.pid === null) return
    const ended = workerView(worker, this.#options.system.clock.now(), verdict)
    void reload.current.hooks.run('child_exit', view, ended)
  }

  #failStart(reason: string, code: number): void {
    const { start, stop } = this.#state
    if (stop.isOn) return
    start.fail(reason, code)
    this.#options.emit({ type: 'start_failed', reason, code })
    stop.atOnce()
  }

  /** A service is lost without which the server is of no use: others see it by the exit of the server. */
  #failServer({ name }: Pool, { verdict }: Death, loss: Loss): void {
    const { start, stop } = this.#state
    if (stop.isOn) return
    const { code } = exitCodes.serviceLost
    const reason = verdict.lastError
    start.fail(reason, code)
    this.#options.emit({ type: 'service_lost', service: name, ...loss, reason, code })
    stop.request('graceful')
  }

  #failReload(worker: WorkerRecord, reason: string): void {
    if (!this.#state.stop.isOn) this.#state.reload.fail(worker, reason)
  }
}
