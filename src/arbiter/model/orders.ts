// Runs in the arbiter: what an operator can order, by a signal or over the control socket, and what the
// arbiter answers. Pure.

import type { Channel } from '../../logging/channels.ts'

export type StopMode = 'graceful' | 'quick'

export type Order =
  | { readonly type: 'stop'; readonly mode: StopMode }
  | { readonly type: 'reload' }
  | { readonly type: 'reopen' }
  /** Rotate one log or all, on demand. */
  | { readonly type: 'rotate'; readonly log: Channel | 'all' }
  | { readonly type: 'scale'; readonly to: number }
  | { readonly type: 'upgrade' }

export type Answer =
  /** `attempt`: of a reload, the number that its events carry. What takes longer is told by events. */
  { readonly taken: true; readonly attempt?: number } | { readonly taken: false; readonly why: string }

export const taken: Answer = { taken: true }

const inServiceOnly: readonly Order['type'][] = ['reload', 'scale', 'upgrade']

export interface OrderSituation {
  readonly stopping: boolean
  /** Why no upgrade can begin; undefined when one can. */
  readonly noUpgrade: string | undefined
}

/** Why the order cannot be taken now; undefined when it can. */
export function refusal(order: Order, { stopping, noUpgrade }: OrderSituation): string | undefined {
  if (stopping && inServiceOnly.includes(order.type)) return 'the server is stopping'
  return order.type === 'upgrade' ? noUpgrade : undefined
}
