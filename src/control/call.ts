// Runs in the arbiter: from a request to what is asked. Pure; whatever is wrong is thrown as a Refusal that
// says what was expected.

import { didYouMean } from '../config/problems/did-you-mean.ts'
import { show } from '../config/problems/problem.ts'
import { channels } from '../logging/channels.ts'
import { commands, routes, type Command, type OrderCommand, type Route } from './protocol.ts'
import { Refusal } from './refusal.ts'
import type { Order } from '../arbiter/model/orders.ts'

export interface Call {
  readonly command: Command
  /** Whether the client wants to see the end. */
  readonly wait: boolean
}

/** What a method and a target of a request line ask for. */
export function readCall(method: string, target: string): Call {
  const [path = '', ...query] = target.split('?')
  const command = commands.find((name) => routes[name].path === path)
  if (command === undefined) throw unknownPath(path)
  const route: Route = routes[command]
  if (route.method !== method)
    throw new Refusal(405, `${path} takes ${route.method}; got ${method}`, {
      headers: { Allow: route.method },
    })
  return { command, wait: readQuery(query.join('?'), route) }
}

function unknownPath(path: string): Refusal {
  const paths = commands.map((name) => `${routes[name].method} ${routes[name].path}`)
  return new Refusal(404, `there is no ${show(path)}; there are ${paths.join(', ')}`, { more: { paths } })
}

const truth: Readonly<Record<string, boolean>> = { 1: true, true: true, 0: false, false: false }

function readQuery(text: string, { path, waits }: Route): boolean {
  const query = new URLSearchParams(text)
  const unknown = [...query.keys()].find((name) => name !== 'wait' || waits === null)
  if (unknown !== undefined)
    throw new Refusal(400, `${unknown}: ${path} takes ${waits === null ? 'no query' : 'no query but wait=1'}`)
  const value = query.get('wait') ?? '0'
  const wait = truth[value]
  if (wait === undefined) throw new Refusal(400, `wait: expected 1 or 0; got ${show(value)}`)
  return wait
}

type Values = Readonly<Record<string, unknown>>

/** The order that a body asks for; an empty body is an object without fields. */
export function readOrder(command: OrderCommand, text: string): Order {
  const values = readObject(text)
  const { body: fields, path }: Route = routes[command]
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name)) throw unknownField(name, path, Object.keys(fields))
  return orderMakers[command](values)
}

/** Each throws for a value that it cannot take. */
const orderMakers: Readonly<Record<OrderCommand, (values: Values) => Order>> = {
  reload: () => ({ type: 'reload' }),
  reopen: () => ({ type: 'reopen' }),
  upgrade: () => ({ type: 'upgrade' }),
  rotate: ({ log = 'all' }) => {
    const known = [...channels, 'all' as const].find((name) => name === log)
    if (known === undefined) throw wrongValue('rotate', 'log', log)
    return { type: 'rotate', log: known }
  },
  scale: ({ workers }) => {
    if (typeof workers !== 'number' || !Number.isInteger(workers) || workers < 1 || workers > 1024)
      throw wrongValue('scale', 'workers', workers)
    return { type: 'scale', to: workers }
  },
  stop: ({ quick = false }) => {
    if (typeof quick !== 'boolean') throw wrongValue('stop', 'quick', quick)
    return { type: 'stop', mode: quick ? 'quick' : 'graceful' }
  },
}

function wrongValue(command: OrderCommand, name: string, value: unknown): Refusal {
  const { body }: Route = routes[command]
  return new Refusal(
    400,
    `${name}: expected ${body[name]?.expects ?? ''}; got ${value === undefined ? 'nothing' : show(value)}`,
  )
}

function unknownField(name: string, path: string, known: readonly string[]): Refusal {
  const near = didYouMean(name, known)
  const what = known.length === 0 ? 'takes no fields' : `takes ${known.join(', ')}`
  return new Refusal(400, `${name}: ${path} ${what}${near === undefined ? '' : `; did you mean ${near}?`}`)
}

function readObject(text: string): Values {
  if (text.trim() === '') return {}
  const value = parseJson(text)
  // any object has string keys
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Values
  throw new Refusal(400, `body: expected a JSON object; got ${show(value)}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Refusal(400, `body: expected a JSON object; got ${show(text)}`)
  }
}
