// Runs in a worker: what the frameworks look like, by the methods and properties that the adapters use. Pure.
// The frameworks are dependencies of the user.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenOptions } from 'node:net'
import { isObject } from '../../os/type-checks.ts'
import type { RequestHandler } from './app.ts'
import { parameterNames } from './parameters.ts'

export interface ExpressLike {
  (request: unknown, response: unknown, next: (error?: unknown) => void): unknown
}

export interface KoaLike {
  callback(): RequestHandler
  on(event: 'error', listener: (error: unknown, context?: unknown) => void): unknown
}

export interface FastifyLike {
  ready(): PromiseLike<unknown>
  addHook(
    name: string,
    hook: (request: unknown, reply: unknown, value: unknown, done: (error?: Error) => void) => void,
  ): unknown
  listen(where: ListenOptions): PromiseLike<unknown>
  close(): PromiseLike<unknown>
  readonly routing: RequestHandler
  readonly server: Server
}

export interface NestLike {
  init(): PromiseLike<unknown>
  listen(portOrPath: number | string | undefined, host?: string): PromiseLike<unknown>
  close(signal?: string): PromiseLike<unknown>
  getHttpAdapter(): { getInstance(): unknown }
  getHttpServer(): Server
}

export interface FetchLike {
  fetch(request: Request, env?: unknown): unknown
}

export interface HapiLike {
  initialize(): PromiseLike<unknown>
  start(): PromiseLike<unknown>
  stop(): PromiseLike<unknown>
  readonly listener: Server
  readonly events: { on(criteria: object, listener: (request: unknown, event: unknown) => void): unknown }
}

/** Polka, tinyhttp. */
export interface HandlerOwner {
  handler(request: unknown, response: unknown): unknown
}

/** Restify, http-server: an object around a server. */
export interface ServerOwner {
  readonly server: Server
}

/** As fastify-cli runs it. */
export type FastifyPlugin = (fastify: unknown, options: unknown) => unknown

/** `(request) => Response`. */
export type WebHandler = (request: Request) => unknown

export const isNest = (value: unknown): value is NestLike =>
  hasMethods(value, 'getHttpAdapter', 'getHttpServer', 'init', 'close')

export const isFastify = (value: unknown): value is FastifyLike =>
  hasMethods(value, 'ready', 'addHook', 'close', 'routing') && isServer(read(value, 'server'))

export const isKoa = (value: unknown): value is KoaLike =>
  hasMethods(value, 'callback', 'on') && Array.isArray(read(value, 'middleware'))

/** An Express app. A router and a Connect app have the same methods and the same third argument. */
export const isExpress = (value: unknown): value is ExpressLike =>
  typeof value === 'function' && hasMethods(value, 'handle', 'use')

/** A server that has been given what responds to its requests. */
export const isServedServer = (value: unknown): value is Server =>
  isServer(value) && value.listenerCount('request') > 0

/** `http.Server`, `https.Server` or a server of HTTP/2: they share methods but no class. */
export const isServer = (value: unknown): value is Server =>
  typeof value === 'object' &&
  hasMethods(value, 'listen', 'close', 'emit', 'listenerCount', 'rawListeners', 'address')

export const isFetch = (value: unknown): value is FetchLike => hasMethods(value, 'fetch')

export const isHapi = (value: unknown): value is HapiLike =>
  hasMethods(value, 'initialize', 'start', 'stop', 'route') && isServer(read(value, 'listener'))

export const isHandlerOwner = (value: unknown): value is HandlerOwner =>
  typeof value === 'object' && hasMethods(value, 'handler', 'listen', 'use')

export const isServerOwner = (value: unknown): value is ServerOwner => {
  return hasMethods(value, 'listen') && isServedServer(read(value, 'server'))
}

/** A class is not a function of any kind: it throws when it is called without `new`. */
const isFunction = (value: unknown): value is (...args: never[]) => unknown =>
  typeof value === 'function' && !isClass(value)

/** Marked by fastify-plugin, or by what its parameters are called. */
export const isFastifyPlugin = (value: unknown): value is FastifyPlugin => {
  if (!isFunction(value)) return false
  const [first = '', second = ''] = parameterNames(value) ?? []
  return (
    read(value, Symbol.for('skip-override')) !== undefined ||
    first === 'fastify' ||
    /^opt(?:ion)?s$/.test(second)
  )
}

/** With one parameter it has no response to write to, so it has to return one. */
export const isWebHandler = (value: unknown): value is WebHandler => {
  const [first, second] = (isFunction(value) && parameterNames(value)) || []
  return first !== undefined && !first.startsWith('...') && second === undefined
}

/** As a middleware of Connect: it calls `next` for what it does not serve. */
export const isMiddleware = (value: unknown): value is ExpressLike =>
  isFunction(value) && parameterNames(value)?.[2] === 'next'

/** A function without parameters sees no request; it may be a factory, or the main function of a program. */
export const isListener = (value: unknown): value is RequestHandler =>
  isFunction(value) && !isParameterless(value)

export const isParameterless = (value: unknown): boolean => parameterNames(value)?.length === 0

/** A Response of the fetch standard, of any implementation. */
export const isWebResponse = (value: unknown): value is Response =>
  typeof read(value, 'status') === 'number' &&
  isObject(read(value, 'headers')) &&
  hasMethods(value, 'arrayBuffer')

/** A class is a function but not a listener: it throws when it is called without `new`. */
export const isClass = (value: unknown): boolean =>
  typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value))

/** Whether a value is an object or a function that has all these methods. */
export function hasMethods<Name extends string>(
  value: unknown,
  ...names: Name[]
): value is Record<Name, (...args: unknown[]) => unknown> {
  return names.every((name) => typeof read(value, name) === 'function')
}

/** Reads a property of any value; undefined for a primitive. */
export function read(value: unknown, name: PropertyKey): unknown {
  return isObject(value) || typeof value === 'function' ? Reflect.get(value, name) : undefined
}

/** A request of Node, of HTTP/1 or HTTP/2: they share no class. */
export const isRequest = (value: unknown): value is IncomingMessage =>
  hasMethods(value, 'unpipe') && typeof read(value, 'method') === 'string'

/** A response of Node, of HTTP/1 or HTTP/2. */
export const isResponse = (value: unknown): value is ServerResponse =>
  hasMethods(value, 'writeHead', 'end', 'destroy')
