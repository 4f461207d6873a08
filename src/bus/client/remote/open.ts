// Runs in a process of a server whose setting `bus` is a URL, before the app is loaded: the client of Redis
// or NATS, which the project of the user has installed.

import type * as NatsLibrary from '@nats-io/transport-node'
import type * as RedisLibrary from 'redis'
import { backgroundClock } from '../../../os/system/clock.ts'
import type { Transport, TransportHandlers } from '../transport.ts'
import type { Carrier, CarrierOptions } from './carrier.ts'
import { NatsCarrier } from './nats.ts'
import { RedisCarrier } from './redis.ts'
import { RemoteTransport, type RemoteOptions } from './remote-transport.ts'

export type RemoteReports = Pick<RemoteOptions, 'onDropped' | 'onOutage' | 'onRecovery'>

export interface Remote {
  /** The URL without user and password. */
  readonly shown: string
  readonly open: (reports: RemoteReports, handlers: TransportHandlers) => Transport
}

interface Kind {
  readonly package: string
  /** `library`: what the package exports, of the version in its peer dependencies. */
  readonly create: (library: unknown, options: CarrierOptions) => Carrier
}

const nats: Kind = {
  package: '@nats-io/transport-node',
  create: (library, options) => new NatsCarrier(library as typeof NatsLibrary, options),
}
const redis: Kind = {
  package: 'redis',
  create: (library, options) => new RedisCarrier(library as typeof RedisLibrary, options),
}

const kinds: Readonly<Record<string, Kind>> = {
  'redis:': redis,
  'rediss:': redis,
  'nats:': nats,
  'tls:': nats,
}

/** `load`: imports a package as the app does, and rejects with `missing` when it is not installed. */
export async function loadRemote(
  address: string,
  load: (name: string, missing: string) => Promise<unknown>,
): Promise<Remote> {
  const { url, prefix, protocol, shown } = readAddress(address)
  const kind = kinds[protocol]
  if (kind === undefined) throw new Error(`the setting bus is ${shown}: no such protocol`)
  const library = await load(kind.package, `the setting bus is ${shown}, and its client is not installed`)
  return {
    shown,
    open: (reports, transportHandlers) =>
      new RemoteTransport(
        {
          ...reports,
          clock: backgroundClock,
          later: (callback) => void setImmediate(callback),
          open: (handlers) => kind.create(library, { url, prefix, handlers }),
        },
        transportHandlers,
      ),
  }
}

/** `?prefix=shop` separates servers that share one of Redis or NATS. */
function readAddress(address: string): Record<'url' | 'prefix' | 'protocol' | 'shown', string> {
  const url = new URL(address)
  const prefix = url.searchParams.get('prefix') ?? 'tsgun'
  url.searchParams.delete('prefix')
  const { protocol, host, pathname } = url
  return { url: url.href, prefix, protocol, shown: `${protocol}//${host}${pathname === '/' ? '' : pathname}` }
}
