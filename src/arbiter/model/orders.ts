// What an operator can order, by a signal or over the control socket, and how the arbiter replies. Pure.

import type { LogName } from '../../logging/log-names.ts'

export type StopMode = 'graceful' | 'quick'

export type Order =
  | { readonly type: 'stop'; readonly mode: StopMode }
  | { readonly type: 'reload' }
  | { readonly type: 'reopen' }
  /** Rotates one log or all, on demand. */
  | { readonly type: 'rotate'; readonly log: LogName | 'all' }
  /** `service`: its name; without one the app. */
  | { readonly type: 'scale'; readonly to: number; readonly service?: string }
  /** Replaces the processes of a service one at a time, without a reload. */
  | { readonly type: 'restart'; readonly service: string }
  /** Runs a schedule now. */
  | { readonly type: 'run'; readonly schedule: string }
  | { readonly type: 'upgrade' }

/** Whether the arbiter has accepted an order. Events report what follows from it. */
export type OrderResult =
  /** `attempt`: of a reload, the number that its events carry. */
  { readonly taken: true; readonly attempt?: number } | { readonly taken: false; readonly why: string }

export const accepted: OrderResult = { taken: true }

const inServiceOnly: readonly Order['type'][] = ['reload', 'scale', 'restart', 'run', 'upgrade']

export interface OrderSituation {
  readonly stopping: boolean
  /** Why no upgrade can begin; undefined when one can. */
  readonly noUpgrade: string | undefined
}

/** Why the order cannot be accepted now; undefined when it can. */
export function refusal(order: Order, { stopping, noUpgrade }: OrderSituation): string | undefined {
  if (stopping && inServiceOnly.includes(order.type)) return 'the server is stopping'
  return order.type === 'upgrade' ? noUpgrade : undefined
}
