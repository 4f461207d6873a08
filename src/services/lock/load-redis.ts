// Runs in the process of a service with `run` and `lock`: the official client of Redis, which the project of
// the user has installed.

import type * as Redis from 'redis'
import { hasCode } from '../../os/error-code.ts'

export type RedisLibrary = Pick<typeof Redis, 'createClient'>

/** `load`: imports a package as the module does. Rejects with an error that says what to install. */
export async function loadRedis(load: (name: string) => Promise<unknown>): Promise<RedisLibrary> {
  try {
    return (await load('redis')) as RedisLibrary // of the version in the peer dependencies
  } catch (cause) {
    if (!hasCode(cause, 'ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND')) throw cause
    throw new Error('the part `lock` of a service needs the package redis: npm install redis', { cause })
  }
}
