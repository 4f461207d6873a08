// Runs in a worker, once at boot: chooses the adapter for the kind of app. Each adapter imports the libraries
// that only it needs.

import type { Adapted } from './model/adapted.ts'
import type { AppModule } from './model/app-module.ts'
import { adaptExpress } from './adapters/express.ts'
import { adaptFastifyPlugin } from './adapters/fastify-plugin.ts'
import { adaptFastify } from './adapters/fastify.ts'
import { adaptFetch, adaptWebHandler } from './adapters/fetch.ts'
import { adaptHapi } from './adapters/hapi.ts'
import { adaptServer } from './adapters/http-server.ts'
import { adaptKoa } from './adapters/koa.ts'
import { adaptListener } from './adapters/listener.ts'
import { adaptNest } from './adapters/nest.ts'
import { adaptHandlerOwner, adaptServerOwner } from './adapters/owners.ts'
import { type AppKind, recognise } from './model/recognise.ts'
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
} from './model/shapes.ts'
import type { Failures } from './requests/failures.ts'

type Adapter = (value: unknown, failures: Failures, module: AppModule) => Adapted | Promise<Adapted>

const adapters = {
  nest: when(isNest, adaptNest),
  fastify: when(isFastify, adaptFastify),
  koa: when(isKoa, adaptKoa),
  'http.Server': when(isServer, adaptServer),
  express: when(isExpress, adaptExpress),
  fetch: when(isFetch, adaptFetch),
  hapi: when(isHapi, adaptHapi),
  'server owner': when(isServerOwner, adaptServerOwner),
  'handler owner': when(isHandlerOwner, adaptHandlerOwner),
  'fastify plugin': when(isFastifyPlugin, adaptFastifyPlugin),
  'web handler': when(isWebHandler, adaptWebHandler),
  middleware: when(isMiddleware, adaptExpress),
  listener: when(isListener, adaptListener),
} as const satisfies Record<AppKind, Adapter>

/** Resolves to the request handler of the app, or undefined when the kind of app is unknown. */
export async function adapt(
  value: unknown,
  failures: Failures,
  module: AppModule,
): Promise<({ readonly kind: AppKind } & Adapted) | undefined> {
  const kind = recognise(value)
  return kind === undefined ? undefined : { kind, ...(await adapters[kind](value, failures, module)) }
}

/** Binds an adapter to the check of its argument. */
function when<Shape>(
  is: (value: unknown) => value is Shape,
  adapter: (app: Shape, failures: Failures, module: AppModule) => Adapted | Promise<Adapted>,
): Adapter {
  return (value, failures, module) => {
    if (!is(value)) throw new TypeError('the adapter was called with an app of another kind')
    return adapter(value, failures, module)
  }
}
