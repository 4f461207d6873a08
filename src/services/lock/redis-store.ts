// Runs in the process of a service with `run` and `lock`: a lock in Redis, by the official client, which is
// loaded only here. The key has the name of this process as its value.

import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type * as Redis from 'redis'
import type { Attempt, LeaseStore } from './lease.ts'
import { acquireScript, releaseScript, renewScript } from './scripts.ts'

export type RedisLibrary = Pick<typeof Redis, 'createClient'>

export interface RedisPlace {
  readonly url: string
  /** Of this instance. */
  readonly key: string
  /** Milliseconds that it is held after it was renewed last. */
  readonly time: number
}

export interface RedisStore extends LeaseStore {
  close(): void
}

/** Milliseconds. */
const [longestConnect, reconnectPause] = [2000, 200]

/** Connects in the background, again and again. */
export function openRedisStore({ createClient }: RedisLibrary, { url, key, time }: RedisPlace): RedisStore {
  const client = createClient({
    url,
    disableOfflineQueue: true, // a request that waits for a connection would be too late
    commandsQueueMaxLength: 100,
    socket: {
      connectTimeout: longestConnect,
      socketTimeout: time, // a connection that is dead without a word
      reconnectStrategy: () => reconnectPause,
    },
  })
  let trouble: Error | undefined
  client.on('error', (error: Error) => (trouble = error))
  client.on('ready', () => (trouble = undefined))
  client.connect().catch((error: Error) => (trouble = error)) // it tries again by itself
  const token = `${hostname()} pid ${process.pid} ${randomUUID()}`
  const fence = `${key}:fence`
  const run = async (script: string, keys: readonly string[], more: readonly string[]): Promise<unknown> => {
    try {
      return await client.eval(script, { keys: [...keys], arguments: [token, ...more] })
    } catch (error) {
      throw trouble ?? error
    }
  }
  return {
    acquire: async () => attemptIn(await run(acquireScript, [key, fence], [String(time)])),
    renew: async () => (await run(renewScript, [key], [String(time)])) === 1,
    release: async () => void (await run(releaseScript, [key], [])),
    close: () => client.destroy(),
  }
}

/** Parse boundary: the reply of Redis. */
function attemptIn(reply: unknown): Attempt {
  const [number, holder]: readonly unknown[] = Array.isArray(reply) ? reply : []
  if (typeof number !== 'string' || typeof holder !== 'string')
    throw new Error('its reply is not that of the script')
  if (number !== '') return { fence: Number(number) }
  const [host, , pid] = holder.split(' ')
  return { holder: holder === '' ? undefined : `process ${pid ?? ''} on ${host ?? ''} holds it` }
}
