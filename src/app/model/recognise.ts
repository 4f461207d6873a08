// Runs in a worker: recognises the kind of an app by the methods and properties of its framework, never by
// its arity, which a wrapped or bound handler changes. Pure. The shapes list only what the adapters use; the
// frameworks are dependencies of the user.

import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ListenOptions } from 'node:net'
import type { RequestHandler } from './app.ts'
import { isObject } from '../../os/type-checks.ts'

export type AppKind = 'listener' | 'fetch' | 'express' | 'koa' | 'fastify' | 'nest' | 'http.Server'

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
  close(): PromiseLike<unknown>
  getHttpAdapter(): { getInstance(): unknown }
  getHttpServer(): Server
}

export interface FetchLike {
  fetch(request: Request, env?: unknown): unknown
}

/** Returns the kind of app, or undefined when the value is not an app. */
export function recognise(value: unknown): AppKind | undefined {
  if (isNest(value)) return 'nest'
  if (isFastify(value)) return 'fastify'
  if (isKoa(value)) return 'koa'
  if (isServer(value)) return value.listenerCount('request') > 0 ? 'http.Server' : undefined
  if (isExpress(value)) return 'express'
  if (isFetch(value)) return 'fetch'
  return isListener(value) ? 'listener' : undefined
}

export const isNest = (value: unknown): value is NestLike =>
  hasMethods(value, 'getHttpAdapter', 'getHttpServer', 'init', 'close')

export const isFastify = (value: unknown): value is FastifyLike =>
  hasMethods(value, 'ready', 'addHook', 'close', 'routing') && isServer(read(value, 'server'))

export const isKoa = (value: unknown): value is KoaLike =>
  hasMethods(value, 'callback', 'on') && Array.isArray(read(value, 'middleware'))

/** An Express app. A router and a Connect app have the same methods and the same third argument. */
export const isExpress = (value: unknown): value is ExpressLike =>
  typeof value === 'function' && hasMethods(value, 'handle', 'use')

/** `http.Server`, `https.Server` or a server of HTTP/2: they share methods but no class. */
export const isServer = (value: unknown): value is Server =>
  typeof value === 'object' &&
  hasMethods(value, 'listen', 'close', 'emit', 'listenerCount', 'rawListeners', 'address')

export const isFetch = (value: unknown): value is FetchLike => hasMethods(value, 'fetch')

export const isListener = (value: unknown): value is RequestHandler =>
  typeof value === 'function' && !isClass(value)

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
