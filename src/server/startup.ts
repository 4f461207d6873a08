// Runs in the command, before anything else: what this process was started with. What is for it alone is
// removed from its environment, so that no process that it starts takes it for its own.

import { commandOf } from '../arbiter/upgrade/command-line.ts'
import { readHandover, type Predecessor } from '../arbiter/upgrade/handover.ts'
import { ConfigError } from '../config/problems/problem.ts'
import { environmentNames } from '../ipc/environment.ts'
import { activatedSockets, activationVariables } from '../listen/activation.ts'
import type { InheritedSocket } from '../listen/listener.ts'
import type { ArbiterCommandLine } from '../os/process/spawn-arbiter.ts'

/** What this process was started with, besides its config. */
export interface Startup {
  /** Undefined when the process has code of its own, and cannot be started again. */
  readonly command: ArbiterCommandLine | undefined
  /** The old arbiter, if this is the new one of an upgrade. */
  readonly predecessor: Predecessor | undefined
  /** The sockets that systemd has opened for it. */
  readonly activated: readonly InheritedSocket[]
}

/** Of the command. */
export interface CommandStartup extends Startup {
  readonly command: ArbiterCommandLine
}

/** Throws a ConfigError or a BindError. */
export function takeStartup(process: NodeJS.Process): CommandStartup {
  const { env, pid } = process
  try {
    const predecessor = predecessorOf(env)
    return { command: commandOf(process), predecessor, activated: activatedSockets(env, pid) }
  } finally {
    delete env[environmentNames.upgrade]
    for (const name of activationVariables) delete env[name]
  }
}

function predecessorOf(environment: NodeJS.ProcessEnv): Predecessor | undefined {
  const name = environmentNames.upgrade
  const text = environment[name]
  if (text === undefined || text === '') return undefined
  try {
    return readHandover(text)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConfigError([{ where: 'environment', name, message: error.message }], { cause: error })
  }
}
