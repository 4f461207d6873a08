// Runs in the arbiter: carries out the orders of an operator, whether they come by a signal or over the
// control socket.

import { unknownName } from '../../config/problems/unknown-name.ts'
import type { Emit } from '../model/events.ts'
import { mainService } from '../../config/sources/service-plans.ts'
import type { Pool } from '../pool/pool.ts'
import { serviceName } from '../services/order.ts'
import { accepted, refusal, type Order, type OrderResult, type OrderSituation } from '../model/orders.ts'
import type { System } from '../model/system.ts'
import type { ArbiterSignal } from '../model/signals.ts'
import { reopenLogs, rotateLogs, type LogParts } from './logs.ts'
import type { UpgradeControl } from './options.ts'
import { orderOf } from './signal-orders.ts'
import type { ArbiterState } from './state.ts'

export interface OrderOptions extends LogParts {
  readonly emit: Emit
  readonly upgrade: UpgradeControl
  readonly system: Pick<System, 'hasTerminalClosed' | 'wall'>
}

export class Orders {
  readonly #options: OrderOptions
  readonly #state: ArbiterState
  readonly #scale: (target: number, pool: Pool) => void

  constructor(options: OrderOptions, state: ArbiterState, scale: (target: number, pool: Pool) => void) {
    this.#options = options
    this.#state = state
    this.#scale = scale
  }

  signal(signal: ArbiterSignal): void {
    const { stop, reload, pools } = this.#state
    const { daemon, reload: development } = reload.current.config.settings
    const abandoned = development !== false && this.#options.system.hasTerminalClosed()
    const order = orderOf(signal, { stopping: stop.isOn, target: pools.app.target, daemon, abandoned })
    if (order.type === 'nothing') return
    const why = order.type === 'ignore' ? order.why : refusal(order, this.#situation())
    if (order.type === 'ignore' || why !== undefined)
      return this.#options.emit({ type: 'signal_ignored', signal, why: why ?? '' })
    this.#options.emit({ type: 'signal', signal })
    void this.#carryOut(order)
  }

  /** Accepts the order, or refuses it, at once; what takes time continues by itself. Never rejects. */
  apply(order: Order): Promise<OrderResult> {
    const why = refusal(order, this.#situation())
    return why === undefined ? this.#carryOut(order) : Promise.resolve({ taken: false, why })
  }

  #carryOut(order: Order): Promise<OrderResult> {
    if (order.type === 'reopen') return reopenLogs(this.#options)
    if (order.type === 'rotate') return rotateLogs(this.#options, order.log)
    if (order.type === 'reload') return Promise.resolve({ taken: true, attempt: this.#reload() })
    if (order.type === 'run') return Promise.resolve(this.#run(order.schedule))
    if (order.type === 'stop') this.#state.stop.request(order.mode)
    if (order.type === 'scale' || order.type === 'restart') return Promise.resolve(this.#ofService(order))
    if (order.type === 'upgrade') this.#upgrade()
    return Promise.resolve(accepted)
  }

  /** An order for the processes of one service; without a name for those of the app. */
  #ofService(order: Extract<Order, { readonly type: 'scale' | 'restart' }>): OrderResult {
    const { serving } = this.#state.pools
    const { service = mainService } = order
    const pool = serving.find((each) => serviceName(each) === service)
    if (pool === undefined)
      return { taken: false, why: unknownName('service', service, serving.map(serviceName)) }
    if (order.type === 'scale') this.#scale(order.to, pool)
    else pool.restart()
    return accepted
  }

  #run(name: string): OrderResult {
    const { schedules } = this.#state.pools
    const schedule = schedules.get(name)
    if (schedule === undefined) return { taken: false, why: unknownName('schedule', name, schedules.names) }
    const why = schedule.runNow(this.#options.system.wall())
    return why === undefined ? accepted : { taken: false, why }
  }

  #reload(): number {
    const { reload, start } = this.#state
    return reload.request(start.isOn)
  }

  #upgrade(): void {
    const { current } = this.#state.reload
    this.#options.upgrade.begin(current, current.hooks.run('pre_exec', this.#state.view))
  }

  #situation(): OrderSituation {
    const { start, reload, stop } = this.#state
    const noUpgrade = start.isOn
      ? 'the workers of the start are not ready yet'
      : (reload.noUpgrade ?? this.#options.upgrade.refusal)
    return { stopping: stop.isOn, noUpgrade }
  }
}
