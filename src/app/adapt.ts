// One adapter for each kind of app, chosen once while a worker boots; libraries that only one of them needs
// are imported by it.

import type { RequestHandler, UpgradeHandler } from './model/app.ts'
import { adaptExpress } from './adapters/express.ts'
import type { Failures } from './requests/failures.ts'
import { adaptFastify } from './adapters/fastify.ts'
import { adaptFetch } from './adapters/fetch.ts'
import { adaptServer } from './adapters/http-server.ts'
import { adaptKoa } from './adapters/koa.ts'
import { adaptListener } from './adapters/listener.ts'
import { adaptNest } from './adapters/nest.ts'
import {
  type AppKind,
  isExpress,
  isFastify,
  isFetch,
  isKoa,
  isListener,
  isNest,
  isServer,
  recognise,
} from './model/recognise.ts'

/** What an adapter makes of an app. The handler may still throw: loadApp guards it. */
export interface Adapted {
  readonly handle: RequestHandler
  readonly upgrade?: UpgradeHandler | undefined
  /** What the framework wants to be called when the worker stops. */
  readonly close?: () => unknown
}

type Adapter = (value: unknown, failures: Failures) => Adapted | Promise<Adapted>

const adapters = {
  nest: when(isNest, adaptNest),
  fastify: when(isFastify, adaptFastify),
  koa: when(isKoa, adaptKoa),
  'http.Server': when(isServer, adaptServer),
  express: when(isExpress, adaptExpress),
  fetch: when(isFetch, adaptFetch),
  listener: when(isListener, adaptListener),
} as const satisfies Record<AppKind, Adapter>

/** The app as a handler of requests, or undefined when it is of no known kind. */
export async function adapt(
  value: unknown,
  failures: Failures,
): Promise<({ readonly kind: AppKind } & Adapted) | undefined> {
  const kind = recognise(value)
  return kind === undefined ? undefined : { kind, ...(await adapters[kind](value, failures)) }
}

/** Ties an adapter to the check that its argument has passed. */
function when<Shape>(
  is: (value: unknown) => value is Shape,
  adapter: (app: Shape, failures: Failures) => Adapted | Promise<Adapted>,
): Adapter {
  return (value, failures) => {
    if (!is(value)) throw new TypeError('an adapter was given an app of another kind')
    return adapter(value, failures)
  }
}
