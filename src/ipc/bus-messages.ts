// The messages between the arbiter and the broker of the bus. What the broker sends is checked.

import type { Identity } from '../os/process/identity.ts'
import { isObject } from '../os/type-checks.ts'

/** What a process of the server is started with: the path of the socket, or why it is missing. */
export type BusBoot = { readonly path: string } | { readonly problem: string }

export type BrokerOrder =
  | {
      readonly type: 'start'
      readonly version: string
      readonly identity: Identity
      /** The descriptor of the socket. */
      readonly socket: number
      /** It locks this directory: of several brokers of a socket only one accepts. */
      readonly directory: string
    }
  /** Hand over the clients, and exit. */
  | { readonly type: 'stop' }

/** Since the start of the broker. */
const figureNames = ['published', 'delivered', 'dropped', 'clients', 'subscriptions'] as const

export type BrokerReport =
  /** It has the lock, and accepts. */
  | { readonly type: 'serving' }
  | { readonly type: 'figures'; readonly figures: Readonly<Record<(typeof figureNames)[number], number>> }
  /** Messages for this process were dropped, because it did not read them in time. */
  | { readonly type: 'dropped'; readonly pid: number; readonly name: string; readonly messages: number }
  | { readonly type: 'failed'; readonly reason: string }

/** Its sender is the master, of the same version or with another one in `start`. */
export function readBrokerOrder(value: unknown): BrokerOrder | undefined {
  if (!isObject(value)) return undefined
  if (value['type'] === 'stop') return { type: 'stop' }
  return value['type'] === 'start' ? (value as unknown as BrokerOrder) : undefined
}

export function readBrokerReport(value: unknown): BrokerReport | undefined {
  if (!isObject(value)) return undefined
  const { type, pid, name, messages, figures, reason } = value
  const isKnown =
    type === 'serving' ||
    (type === 'failed' && typeof reason === 'string') ||
    (type === 'dropped' && isCount(pid) && isCount(messages) && typeof name === 'string') ||
    (type === 'figures' && isObject(figures) && figureNames.every((each) => isCount(figures[each])))
  return isKnown ? (value as unknown as BrokerReport) : undefined // its fields are checked
}

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
