// The time from the start of a server to its first response.

import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort, stopProcess, temporaryFile } from './servers.ts'

/** Starts a server at a port, with these variables besides its own. */
export type StartAt = (port: number, environment: NodeJS.ProcessEnv) => ChildProcess

/** Milliseconds until a GET is answered with 200. The server is stopped then. */
export async function timeToFirstResponse(start: StartAt): Promise<number> {
  const port = await freePort()
  const startedAt = performance.now()
  const child = start(port, {
    PORT: String(port),
    TSGUN_CMD_ARGS: `--error-logfile ${temporaryFile('error.log')}`,
  })
  while (!(await responds(port))) await delay(1)
  const took = performance.now() - startedAt
  await stopProcess(child)
  return took
}

async function responds(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/`)).status === 200
  } catch {
    return false // no server listens yet
  }
}
