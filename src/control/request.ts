// Runs in the arbiter: reads a request to the control socket. An invalid one is a RequestError.

import type { IncomingMessage } from 'node:http'
import type { Order } from '../arbiter/model/orders.ts'
import { didYouMean } from '../config/problems/did-you-mean.ts'
import { show } from '../config/problems/problem.ts'
import { logNames } from '../logging/log-names.ts'
import { limits } from './protocol.ts'
import { RequestError, wrongValue } from './request-error.ts'
import { commands, routes, type Command, type Field, type OrderCommand, type Route } from './routes.ts'
import { isRecord } from '../os/type-checks.ts'

/** The fields of a request by their names. */
export type Values = Readonly<Record<string, unknown>>

export interface Call {
  readonly command: Command
  /** Whether the response has the progress of the command, up to its end. */
  readonly wait: boolean
  /** The fields of a GET. */
  readonly values: Values
}

/**
 * Resolves with the body. Rejects with a RequestError for a body of more than `limits.body` bytes, and with
 * the error of a connection that fails.
 */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limits.body) chunks.push(chunk)
      else reject(new RequestError(413, `body: expected at most ${limits.body} bytes`))
    })
    request.once('end', () => resolve(Buffer.concat(chunks).toString()))
    request.once('error', reject)
  })
}

/** Returns the command of a request line. Throws a RequestError. */
export function readCall(method: string, target: string): Call {
  const [path = '', ...query] = target.split('?')
  const command = commands.find((name) => routes[name].path === path)
  if (command === undefined) throw unknownPath(path)
  const route: Route = routes[command]
  if (route.method !== method)
    throw new RequestError(405, `${path} takes ${route.method}; got ${method}`, {
      headers: { Allow: route.method },
    })
  return { command, ...readQuery(query.join('?'), route) }
}

function unknownPath(path: string): RequestError {
  const paths = commands.map((name) => `${routes[name].method} ${routes[name].path}`)
  return new RequestError(404, `unknown path ${show(path)}; expected ${paths.join(', ')}`, {
    fields: { paths },
  })
}

const booleans: Readonly<Record<string, boolean>> = { 1: true, true: true, 0: false, false: false }

function readQuery(text: string, route: Route): Omit<Call, 'command'> {
  const query = new URLSearchParams(text)
  const names = queryOf(route)
  const unknown = [...query.keys()].find((name) => !names.includes(name))
  if (unknown !== undefined) {
    const shown = names.map((name) => (name === 'wait' ? 'wait=1' : name)).join(', ')
    const known = names.length === 0 ? 'no query' : `no query except ${shown}`
    throw new RequestError(400, `${unknown}: ${route.path} takes ${known}`)
  }
  const { wait, ...texts } = Object.fromEntries(query)
  const given = Object.entries(texts).map(([name, value]) => [name, valueOf(value, route.fields[name])])
  return { wait: readWait(wait), values: Object.fromEntries(given) as Values }
}

function queryOf({ method, fields, waits }: Route): string[] {
  if (waits !== null) return ['wait']
  return method === 'GET' ? Object.keys(fields).filter((name) => fields[name]?.isLocal !== true) : []
}

function readWait(value = '0'): boolean {
  const wait = booleans[value]
  if (wait === undefined) throw new RequestError(400, `wait: expected 1 or 0; got ${show(value)}`)
  return wait
}

/** What is not of the kind of the field stays as it is, for the check that follows. */
function valueOf(text: string, field: Field | undefined): unknown {
  if (field?.kind === 'number' && /^-?\d+$/.test(text)) return Number(text)
  return field?.kind === 'flag' ? (booleans[text] ?? text) : text
}

/**
 * Returns the order that a body describes; an empty body is an object without fields. Throws a RequestError.
 */
export function readOrder(command: OrderCommand, text: string): Order {
  const values = readObject(text)
  const { fields, path }: Route = routes[command]
  for (const name of Object.keys(values))
    if (!Object.hasOwn(fields, name)) throw unknownField(name, path, Object.keys(fields))
  return orderMakers[command](values)
}

/** Each throws a RequestError for an invalid value. */
const orderMakers: Readonly<Record<OrderCommand, (values: Values) => Order>> = {
  reload: () => ({ type: 'reload' }),
  reopen: () => ({ type: 'reopen' }),
  upgrade: () => ({ type: 'upgrade' }),
  rotate: ({ log = 'all' }) => {
    const known = [...logNames, 'all' as const].find((name) => name === log)
    if (known === undefined) throw wrongValue('rotate', 'log', log)
    return { type: 'rotate', log: known }
  },
  scale: ({ workers, service }) => {
    if (service !== undefined && typeof service !== 'string') throw wrongValue('scale', 'service', service)
    if (typeof workers !== 'number' || !Number.isInteger(workers) || workers < 1 || workers > 1024)
      throw wrongValue('scale', 'workers', workers)
    return { type: 'scale', to: workers, ...(service !== undefined && { service }) }
  },
  run: ({ schedule }) => {
    if (typeof schedule !== 'string') throw wrongValue('run', 'schedule', schedule)
    return { type: 'run', schedule }
  },
  restart: ({ service }) => {
    if (typeof service !== 'string') throw wrongValue('restart', 'service', service)
    return { type: 'restart', service }
  },
  stop: ({ quick = false }) => {
    if (typeof quick !== 'boolean') throw wrongValue('stop', 'quick', quick)
    return { type: 'stop', mode: quick ? 'quick' : 'graceful' }
  },
}

function unknownField(name: string, path: string, known: readonly string[]): RequestError {
  const near = didYouMean(name, known)
  const what = known.length === 0 ? 'takes no fields' : `takes ${known.join(', ')}`
  return new RequestError(
    400,
    `${name}: ${path} ${what}${near === undefined ? '' : `; did you mean ${near}?`}`,
  )
}

function readObject(text: string): Values {
  if (text.trim() === '') return {}
  const value = parseJson(text)
  if (isRecord(value)) return value
  throw new RequestError(400, `body: expected a JSON object; got ${show(value)}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new RequestError(400, `body: expected a JSON object; got ${show(text)}`)
  }
}
