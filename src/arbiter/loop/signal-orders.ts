// The order that a signal gives to the arbiter, as in gunicorn. Pure: the arbiter carries it out.

import type { Order } from '../model/orders.ts'
import type { ArbiterSignal } from '../model/signals.ts'

export type SignalOrder =
  | Order
  | { readonly type: 'ignore'; readonly why: string }
  /** Not logged. */
  | { readonly type: 'nothing' }

export interface SignalSituation {
  readonly stopping: boolean
  readonly target: number
  readonly daemon: boolean
  /** With `reload`: the terminal of the start is closed. */
  readonly abandoned: boolean
}

/** The signals that also have an effect while the server stops. */
const orderAlways: Partial<Record<ArbiterSignal, SignalOrder>> = {
  SIGTERM: { type: 'stop', mode: 'graceful' },
  SIGINT: { type: 'stop', mode: 'quick' },
  SIGQUIT: { type: 'stop', mode: 'quick' },
  SIGUSR1: { type: 'reopen' },
  SIGCHLD: { type: 'nothing' },
}

const orderInService = {
  // A terminal that is closed sends it too.
  SIGHUP: ({ abandoned }) => (abandoned ? { type: 'stop', mode: 'quick' } : { type: 'reload' }),
  SIGUSR2: () => ({ type: 'upgrade' }),
  SIGTTIN: ({ target }) => ({ type: 'scale', to: target + 1 }),
  SIGTTOU: ({ target }) =>
    target > 1 ? { type: 'scale', to: target - 1 } : { type: 'ignore', why: 'at least one worker stays' },
  SIGWINCH: ({ daemon }) =>
    daemon ? { type: 'scale', to: 0 } : { type: 'ignore', why: 'the server is not a daemon' },
} as const satisfies Partial<Record<ArbiterSignal, (situation: SignalSituation) => SignalOrder>>

export function orderOf(signal: ArbiterSignal, situation: SignalSituation): SignalOrder {
  if (!isForService(signal)) return orderAlways[signal] ?? { type: 'nothing' }
  return situation.stopping
    ? { type: 'ignore', why: 'the server is stopping' }
    : orderInService[signal](situation)
}

function isForService(signal: ArbiterSignal): signal is keyof typeof orderInService {
  return Object.hasOwn(orderInService, signal)
}
