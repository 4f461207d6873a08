// A program with a server inside. Compiled by test/package/types.test.ts, never run.

import { once } from 'node:events'
import { defineConfig } from 'tsgun'
import {
  ConfigError,
  createServer,
  ReloadError,
  ServerStateError,
  StartError,
  type Server,
  type ServerEvent,
  type ServerOptions,
  type ServerStatus,
} from 'tsgun/server'

const options: ServerOptions = { directory: '/srv', args: ['-w', '2'], signals: ['SIGHUP'], title: true }
export const server: Server = createServer({ app: './app.ts', on_starting: () => undefined }, options)
export const fromFile = [createServer('./server.config.ts'), createServer(new URL('file:///a.json'))]
export const fromExport = createServer(defineConfig(async () => ({ app: './app.ts' })))

server.on('worker_ended', ({ event, nr, worker_pid, duration_ms, exit_code, msg, level }) => {
  const name: 'worker_ended' = event
  const facts: readonly [number, number | null, number, string] = [nr, worker_pid, duration_ms, msg]
  // @ts-expect-error -- a field of some events has no type of its own
  const code: number = exit_code
  console.log(name, facts, code, level)
})
server.once('stopped', ({ duration_ms }) => console.log(duration_ms.toFixed(1))).off('event', print)
// @ts-expect-error -- an event of the server as a whole has no worker
server.on('scaled', ({ nr }) => console.log(nr.toFixed()))
// @ts-expect-error -- there is no such event
server.on('worker_died', print)

function print({ event, msg }: ServerEvent): void {
  console.log(event, msg)
}

export async function whole(): Promise<void> {
  await using temporary = createServer({ app: './app.ts' })
  await temporary.start()
  await server.start()
  await server.reload()
  await server.reload({ app: './app.ts', workers: 'auto' })
  await server.scale(3)
  await server.reopen()
  const status: ServerStatus = server.status()
  const pids: readonly (number | null)[] = server.workers().map(({ pid }) => pid)
  const code: number = await server.ended
  console.log(status.workers.ready, pids, code, server.addresses[0], server.state === 'serving')
  await server.stop()
  await server.stop({ quick: true })
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return error.problems.length && error.exitCode
  if (error instanceof StartError) return error.exitCode
  return error instanceof ReloadError || error instanceof ServerStateError ? 1 : 70
}

// @ts-expect-error -- an app is named, because workers are other processes
createServer({ app: () => undefined })
// @ts-expect-error -- no such option
createServer({ app: './app.ts' }, { signal: true })
// @ts-expect-error -- a server is no emitter of Node.js
void once(server, 'stopped')
