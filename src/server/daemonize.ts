// `daemon`: Node cannot fork, so the command starts itself again in the background and waits until that
// server serves or gives up. Its standard error is passed on until then, so that a failed start is seen in
// the terminal.

import { environmentNames } from '../ipc/environment.ts'
import { exitCodes } from '../ipc/exit-codes.ts'
import type { ArbiterCommandLine } from '../os/process/spawn-arbiter.ts'
import { spawnDetached } from '../os/process/spawn-detached.ts'
import { announce } from './ready-descriptor.ts'

/** Resolves with 0 when the background server is ready, else with its exit code. */
export async function daemonize(
  { directory, environment }: ArbiterCommandLine,
  readyFd: number | undefined,
): Promise<number> {
  const own = { [environmentNames.daemonized]: '1', [environmentNames.readyFd]: '3' }
  // Without what the config has put into process.env: the server loads the config itself.
  const result = await spawnDetached({ environment: { ...environment, ...own }, directory })
  if (result.ready === undefined) return result.code ?? exitCodes.internal.code
  const problem = readyFd === undefined ? undefined : announce(readyFd, result.ready)
  if (problem !== undefined) process.stderr.write(`${problem}\n`)
  process.stdout.write(`tsgun runs in the background, master pid ${result.pid}\n`)
  return exitCodes.ok.code
}
