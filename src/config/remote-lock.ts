// Runs in the arbiter, when a config is loaded: the part `lock` of a service. Its URL may contain a password,
// so no message shows it. Pure.

import type { Service } from './settings/checked.ts'
import type { AddProblem } from './sources/own-settings.ts'
import type { RemoteLock } from './sources/service-plans.ts'
import { lockParts } from './settings/services.ts'

interface Given {
  readonly name: string
  readonly service: Pick<Service, 'lock' | 'handover'>
  readonly add: AddProblem
}

/** Undefined without one. */
export function remoteLock({ name, service, add }: Given): RemoteLock | undefined {
  const { lock, handover } = service
  if (lock === undefined) return undefined
  const given = typeof lock === 'string' ? { url: lock, time: lockParts.time.default } : lock
  if (!isRedisUrl(given.url))
    add(name, 'lock', 'expected a URL such as "redis://host:6379" or "rediss://host:6380"')
  if (handover === 'start-first')
    add(name, 'lock', 'expected `handover` to be "stop-first", because only one process has the lock')
  return { url: given.url, key: given.key ?? `tsgun:${name}`, time: given.time * 1000 }
}

function isRedisUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return (protocol === 'redis:' || protocol === 'rediss:') && hostname !== ''
}
