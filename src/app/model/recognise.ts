// Runs in a worker: recognises the kind of an app by marks: the methods and properties of its framework, and
// for functions the names of their parameters. Never by a number of parameters alone, which a wrapped or
// bound handler changes. Pure.

import {
  isExpress,
  isFastify,
  isFastifyPlugin,
  isFetch,
  isHandlerOwner,
  isHapi,
  isKoa,
  isListener,
  isMiddleware,
  isNest,
  isServer,
  isServerOwner,
  isWebHandler,
} from './shapes.ts'

export type AppKind =
  | 'nest'
  | 'fastify'
  | 'koa'
  | 'http.Server'
  | 'express'
  | 'fetch'
  | 'hapi'
  | 'server owner'
  | 'handler owner'
  | 'fastify plugin'
  | 'web handler'
  | 'middleware'
  | 'listener'

/** The checks in their order: the first that holds is the kind. */
const checks: Readonly<Record<AppKind, (value: unknown) => boolean>> = {
  nest: isNest,
  fastify: isFastify,
  koa: isKoa,
  'http.Server': (value) => isServer(value) && value.listenerCount('request') > 0,
  express: isExpress,
  fetch: isFetch,
  hapi: isHapi,
  'server owner': isServerOwner,
  'handler owner': isHandlerOwner,
  'fastify plugin': isFastifyPlugin,
  'web handler': isWebHandler,
  middleware: isMiddleware,
  listener: isListener,
}

const kinds = Object.keys(checks) as readonly AppKind[] // the keys of the table

/** Returns the kind of app, or undefined when the value is not an app. */
export function recognise(value: unknown): AppKind | undefined {
  return kinds.find((kind) => checks[kind](value))
}
