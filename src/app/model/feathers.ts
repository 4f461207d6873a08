// Runs in a worker: what an app of Feathers looks like. It is an app of Express or Koa with services, which
// `listen()` sets up. Pure.

import type { Server } from 'node:http'
import { type ExpressLike, type KoaLike, hasMethods, isExpress, isKoa } from './shapes.ts'

interface Services {
  /** Sets up the services, and attaches socket.io and the like to the server. */
  setup(server: Server): unknown
  /** Since Feathers 5. */
  teardown?(server: Server): unknown
}

export type FeathersLike = (ExpressLike | KoaLike) & Services

export const isFeathers = (value: unknown): value is FeathersLike =>
  (isExpress(value) || isKoa(value)) && hasMethods(value, 'setup', 'service', 'configure', 'hooks')
