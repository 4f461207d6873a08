// Runs in `tsgun build`: tries what was made: it must load its app with nothing of this machine.

import { environmentNames } from '../ipc/environment.ts'
import { messageOf } from '../os/error-message.ts'
import { runNode } from '../os/process/run-node.ts'
import { BuildError } from './problems/build-error.ts'
import { directoryVariable } from './runtime/places.ts'

export interface Made {
  readonly program: string
  readonly words: readonly string[]
}

/** With an empty PATH. `directory`: an empty one, which the caller removes. Rejects with a BuildError. */
export async function tryMade({ program, words }: Made, directory: string): Promise<void> {
  try {
    const environment = {
      ...process.env,
      PATH: '',
      NODE_PATH: '',
      [directoryVariable]: directory,
      [environmentNames.buildCheck]: '1',
    }
    await runNode([...words, '--check-config'], { program, directory, environment })
  } catch (error) {
    const message = messageOf(error)
    throw new BuildError(`what was made does not run: ${message}${remedyFor(message)}`, { cause: error })
  }
}

/** For a package that the app names in a text only, such as a transport of pino. */
function remedyFor(message: string): string {
  const [, name] =
    /Cannot find (?:package|module) '((?:@[^/']+\/)?[^./'][^/']*)/.exec(message) ??
    /unable to determine transport target for "([^".]+)"/.exec(message) ??
    []
  return name === undefined ? '' : `\nIf ${name} is a package of the app: --external ${name}`
}
