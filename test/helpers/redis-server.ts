// A real redis-server of a test, which can be stopped, continued, killed and started again.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { createClient } from 'redis'
import type { Cleaner } from './tsgun.ts'
import { eventually } from './wait.ts'

export interface RedisServer {
  readonly url: string
  signal(signal: NodeJS.Signals): void
  /** Kills it. It keeps nothing. */
  kill(): Promise<void>
  /** Starts it again at the same port, empty. */
  start(): Promise<void>
}

const password = 'pw-of-redis'

export async function startRedis(t: Cleaner): Promise<RedisServer> {
  const port = await freePort()
  const url = `redis://default:${password}@127.0.0.1:${port}`
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    const running = child
    child = undefined
    if (running === undefined) return
    const exit = once(running, 'exit')
    running.kill('SIGKILL')
    await exit
  }
  const start = async (): Promise<void> => {
    const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    child = spawn('redis-server', [...words, '--requirepass', password], { stdio: 'ignore' })
    await eventually('redis replies', () => replies(url))
  }
  await start()
  t.after(kill)
  return { url, signal: (signal) => void child?.kill(signal), kill, start }
}

async function replies(url: string): Promise<true | undefined> {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => undefined) // it does not listen yet
  try {
    await client.connect()
    await client.ping()
    return true
  } catch {
    return undefined // tried again
  } finally {
    client.destroy()
  }
}

async function freePort(): Promise<number> {
  const place = createServer().listen(0, '127.0.0.1')
  await once(place, 'listening')
  const { port } = place.address() as AddressInfo // of a TCP server
  await new Promise((closed) => place.close(closed))
  return port
}
