// Runs in `tsgun build`: the clients of outside servers that a config needs. tsgun imports them late, so that
// no bundle has them.

import type { LoadedConfig } from '../config/load.ts'

const byProtocol: Readonly<Record<string, string>> = {
  'redis:': 'redis',
  'rediss:': 'redis',
  'nats:': '@nats-io/transport-node',
  'tls:': '@nats-io/transport-node',
}

/** Names of packages. */
export function clientsOf({
  settings,
  services,
}: Pick<LoadedConfig, 'settings' | 'services'>): readonly string[] {
  const { bus } = settings
  const urls = [...(bus === null ? [] : [bus]), ...services.flatMap(({ lock }) => lock?.url ?? [])]
  return [...new Set(urls.flatMap((url) => byProtocol[new URL(url).protocol] ?? []))]
}
