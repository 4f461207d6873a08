// Runs in a worker, once at boot: chooses the adapter for the kind of app. Only that one is loaded, with the
// libraries that it needs.

import type { Adapted } from './model/adapted.ts'
import type { AppModule } from './model/app-module.ts'
import { type AppKind, marks, recognise } from './model/recognise.ts'
import type { Failures } from './requests/failures.ts'

type Adapter<Shape> = (app: Shape, failures: Failures, module: AppModule) => Adapted | Promise<Adapted>

const adapters: Readonly<Record<AppKind, Adapter<unknown>>> = {
  nest: when(marks.nest, async () => (await import('./adapters/nest.ts')).adaptNest),
  fastify: when(marks.fastify, async () => (await import('./adapters/fastify.ts')).adaptFastify),
  feathers: when(marks.feathers, async () => (await import('./adapters/feathers.ts')).adaptFeathers),
  koa: when(marks.koa, async () => (await import('./adapters/koa.ts')).adaptKoa),
  'http.Server': when(
    marks['http.Server'],
    async () => (await import('./adapters/http-server.ts')).adaptServer,
  ),
  express: when(marks.express, async () => (await import('./adapters/express.ts')).adaptExpress),
  fetch: when(marks.fetch, async () => (await import('./adapters/fetch.ts')).adaptFetch),
  hapi: when(marks.hapi, async () => (await import('./adapters/hapi.ts')).adaptHapi),
  'server owner': when(
    marks['server owner'],
    async () => (await import('./adapters/owners.ts')).adaptServerOwner,
  ),
  'handler owner': when(
    marks['handler owner'],
    async () => (await import('./adapters/owners.ts')).adaptHandlerOwner,
  ),
  'fastify plugin': when(
    marks['fastify plugin'],
    async () => (await import('./adapters/fastify-plugin.ts')).adaptFastifyPlugin,
  ),
  'web handler': when(
    marks['web handler'],
    async () => (await import('./adapters/fetch.ts')).adaptWebHandler,
  ),
  middleware: when(marks.middleware, async () => (await import('./adapters/express.ts')).adaptExpress),
  listener: when(marks.listener, async () => (await import('./adapters/listener.ts')).adaptListener),
}

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
  load: () => Promise<Adapter<Shape>>,
): Adapter<unknown> {
  return async (value, failures, module) => {
    const adapter = await load()
    if (!is(value)) throw new TypeError('the adapter was called with an app of another kind')
    return adapter(value, failures, module)
  }
}
