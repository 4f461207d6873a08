// Runs in a worker: the hooks of crossws that a module exports beside its `fetch`, as `websocket`: what its
// `serve({ fetch, websocket })` takes. crossws is a dependency of the user.

import { createRequire } from 'node:module'
import type { UpgradeHandler } from '../model/app.ts'
import type { Namespace } from '../model/app-module.ts'
import { type FetchLike, hasMethods, read } from '../model/shapes.ts'
import { hasCode } from '../../os/error-code.ts'
import { isRecord } from '../../os/type-checks.ts'

const hookNames = ['upgrade', 'message', 'open', 'close', 'drain', 'error', 'ping', 'pong'] as const

/** Of the module of the app. */
export interface CrosswsModule {
  readonly file: string
  /** Imports a file. */
  readonly load: (file: string) => Promise<Namespace>
  readonly warn: (text: string) => void
}

/** Resolves to undefined, with a warning, when crossws is not installed: the hooks may be those of Bun. */
export async function adaptCrossws(
  websocket: Readonly<Record<string, unknown>>,
  app: FetchLike,
  module: CrosswsModule,
): Promise<UpgradeHandler | undefined> {
  const adapter = await importAdapter(module)
  if (adapter === undefined)
    return void module.warn(
      'the app exports "websocket", which has no effect: it needs crossws; npm install crossws',
    )
  const { NodeRequest } = await import('srvx/node')
  const { resolve, options } = websocket
  const sockets: unknown = Reflect.apply(adapter, undefined, [
    { hooks: websocket, resolve: resolve ?? resolverOf(websocket, app), ...forNode(options) },
  ])
  if (!hasMethods(sockets, 'handleUpgrade')) throw new TypeError('crossws has no handleUpgrade()')
  return (req, socket, head) => sockets.handleUpgrade(req, socket, head, new NodeRequest({ req }))
}

type Adapter = (...parameters: never[]) => unknown

async function importAdapter({ file, load }: CrosswsModule): Promise<Adapter | undefined> {
  const path = resolveAdapter(file)
  const adapter = path === undefined ? undefined : (await load(path))['default']
  return typeof adapter === 'function' ? (adapter as Adapter) : undefined // parse boundary
}

function resolveAdapter(file: string): string | undefined {
  try {
    return createRequire(file).resolve('crossws/adapters/node')
  } catch (error) {
    if (hasCode(error, 'MODULE_NOT_FOUND')) return undefined
    throw error
  }
}

/** Without hooks of its own, those of each request come with the response of `fetch`, as h3 has them. */
function resolverOf(
  websocket: Readonly<Record<string, unknown>>,
  app: FetchLike,
): ((request: Request) => Promise<unknown>) | undefined {
  if (hookNames.some((name) => typeof websocket[name] === 'function')) return undefined
  return async (request) => {
    const response = await app.fetch(request)
    const hooks = read(response, 'crossws')
    return hooks ?? { upgrade: () => response }
  }
}

function forNode(options: unknown): object {
  const own = read(options, 'node')
  return isRecord(own) ? own : {}
}
