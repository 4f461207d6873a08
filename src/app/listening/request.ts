// Runs in a worker: reads the arguments of `server.listen()`, which has as many forms as net.Server documents
// (https://nodejs.org/api/net.html#serverlisten). Pure.

import { isObject } from '../../os/type-checks.ts'

export interface ListenRequest {
  /** 0: any free port. Undefined for a path. */
  readonly port: number | undefined
  readonly path: string | undefined
  /** Whether the call names a port or path at all. */
  readonly isNamed: boolean
  readonly callback: (() => void) | undefined
  readonly signal: AbortSignal | undefined
}

const highestPort = 65_535

/**
 * Returns undefined for a call that is left to Node: on a descriptor or handle, on a port that the processes
 * share by SO_REUSEPORT, or with arguments that Node refuses.
 */
export function listenRequest(args: readonly unknown[]): ListenRequest | undefined {
  const options = optionsOf(args[0])
  if (options === undefined || isLeftToNode(options)) return undefined
  const { port, path, signal } = options
  const callback = args.findLast((argument) => typeof argument === 'function')
  const found = {
    callback: callback && (() => void Reflect.apply(callback, undefined, [])),
    signal: signal instanceof AbortSignal ? signal : undefined,
  }
  if (port === undefined && typeof path === 'string')
    return { ...found, port: undefined, path, isNamed: true }
  const number = Number(port ?? 0)
  if (!Number.isInteger(number) || number < 0 || number > highestPort) return undefined
  return { ...found, port: number, path: undefined, isNamed: port !== undefined && port !== null }
}

function isLeftToNode({ fd, reusePort, handle, _handle }: Readonly<Record<string, unknown>>): boolean {
  return typeof fd === 'number' || reusePort === true || isObject(handle) || isObject(_handle)
}

/** The first argument as an object of options; a text that is not a number is a path. */
function optionsOf(first: unknown): Readonly<Record<string, unknown>> | undefined {
  if (first === undefined || first === null || typeof first === 'function') return {}
  if (isObject(first)) return first
  if (typeof first === 'number') return { port: first }
  if (typeof first !== 'string') return undefined
  return first.trim() !== '' && !Number.isNaN(Number(first)) ? { port: first } : { path: first }
}
