// Runs in a worker: recognises the kind of an app by marks: the methods and properties of its framework, and
// for functions the names of their parameters. Never by a number of parameters alone, which a wrapped or
// bound handler changes. Pure.

import { isFeathers } from './feathers.ts'
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
  isServedServer,
  isServerOwner,
  isWebHandler,
} from './shapes.ts'

/** What tells each kind of app, in this order: the first check that holds. */
export const marks = {
  nest: isNest,
  fastify: isFastify,
  feathers: isFeathers,
  koa: isKoa,
  'http.Server': isServedServer,
  express: isExpress,
  fetch: isFetch,
  hapi: isHapi,
  'server owner': isServerOwner,
  'handler owner': isHandlerOwner,
  'fastify plugin': isFastifyPlugin,
  'web handler': isWebHandler,
  middleware: isMiddleware,
  listener: isListener,
} as const

export type AppKind = keyof typeof marks

const kinds = Object.keys(marks) as readonly AppKind[] // the keys of the table

/** Returns the kind of app, or undefined when the value is not an app. */
export function recognise(value: unknown): AppKind | undefined {
  return kinds.find((kind) => marks[kind](value))
}
