import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

export default async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname === '/error') throw new Error('this route always fails')
  if (pathname !== '/report') return void response.end('hello\n')
  const seconds = Number(searchParams.get('seconds') ?? 1)
  // Stands for a database that works hard. Nothing waits for a client that has left.
  await delay(seconds * 1000, undefined, { signal: request.signal })
  response.end(`report after ${seconds} s\n`)
}
