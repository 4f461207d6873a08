// The sockets of a generation with the URLs at which clients reach them: one socket may be served with TLS by
// one generation and without it by the next. Pure.

import { listOf } from '../../config/settings/list-of.ts'
import { addressUrl } from '../../listen/address.ts'
import type { Listener } from '../../listen/listener.ts'
import { schemesOf } from '../../listen/socket-scheme.ts'
import { speaksTls } from '../../tls/files.ts'
import type { Generation } from './generation.ts'
import { allSockets, socketsOfSlot } from './sockets.ts'

export interface ServedSocket {
  readonly fd: number
  readonly url: string
  /** Whether all workers accept on it, not only that of one slot. */
  readonly isShared: boolean
}

type Served = Pick<Generation, 'listeners' | 'slots'> & {
  readonly config: { readonly settings: Pick<Generation['config']['settings'], 'bind' | 'certfile' | 'acme'> }
}

/** Those that the worker of a slot inherits. */
export function servedSockets(generation: Served, nr: number): readonly ServedSocket[] {
  return withUrls(generation, socketsOfSlot(generation, nr))
}

/** Those of the app, then those of the services: for the log, hooks and the control socket. */
export function servedUrls(generation: Served & Pick<Generation, 'services'>): readonly string[] {
  const { config, services } = generation
  const ofServices = services.map(({ plan, ...sockets }) => {
    return { ...sockets, config: { settings: { ...config.settings, ...plan.own } } }
  })
  return [generation, ...ofServices]
    .flatMap((served) => withUrls(served, allSockets(served)))
    .map(({ url }) => url)
}

function withUrls(
  { config: { settings }, listeners }: Pick<Served, 'config' | 'listeners'>,
  sockets: readonly Listener[],
): readonly ServedSocket[] {
  const schemes = schemesOf(sockets, listOf(settings.bind), speaksTls(settings) ? 'https' : 'http')
  return sockets.map((listener, place) => ({
    fd: listener.fd,
    url: addressUrl(listener.address, schemes[place]),
    isShared: listeners.includes(listener),
  }))
}
