// Runs in the command, before anything else: what this process was started with. What is for it alone is
// taken out of its environment, so that no process that it starts takes it for its own.

import { commandOf } from '../arbiter/upgrade/command.ts'
import { readHandover, type Predecessor } from '../arbiter/upgrade/handover.ts'
import type { Beginning } from '../arbiter/start/serve.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { environmentNames } from '../ipc/environment.ts'
import { activatedSockets, activationVariables } from '../listen/activation.ts'

/** Throws a ConfigError or a BindError. */
export function takeBeginning(process: NodeJS.Process): Beginning {
  const { env, pid } = process
  try {
    return {
      command: commandOf(process),
      predecessor: predecessorOf(env),
      activated: activatedSockets(env, pid),
    }
  } finally {
    delete env[environmentNames.upgrade]
    for (const name of activationVariables) delete env[name]
  }
}

function predecessorOf(environment: NodeJS.ProcessEnv): Predecessor | undefined {
  const text = environment[environmentNames.upgrade]
  if (text === undefined || text === '') return undefined
  try {
    return readHandover(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConfigError(
      [{ where: 'environment', name: environmentNames.upgrade, message: error.message }],
      { cause: error },
    )
  }
}
