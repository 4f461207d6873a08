// Runs in the arbiter that is a program with code of its own: the config that the program gives as a value.
// Its settings are sent to the workers, its hooks of the master run in the program. Functions for the workers
// cannot be sent there.

import { hookNames, hookTable } from '../hooks/table.ts'
import { messageOf } from '../../os/error-message.ts'
import type { Problem } from '../problems/problem.ts'
import type { Settings } from '../settings/table.ts'
import { configObject } from './config-object.ts'
import type { FoundConfig } from './find-config.ts'

/** Where a config that was given as a value comes from, as messages name it. */
export const programSource = 'createServer()'

/** Resolves to the config, or to the problem with the value. Never rejects. `given`: as a file exports it. */
export async function programConfig(given: unknown): Promise<FoundConfig | Problem> {
  try {
    const values = await configObject({ default: given })
    return {
      file: null,
      codeFile: null,
      source: { where: programSource, values },
      problems: hooksOfWorkers(values),
    }
  } catch (error) {
    return { where: programSource, name: '', message: messageOf(error) }
  }
}

function hooksOfWorkers(values: Readonly<Record<string, unknown>>): Problem[] {
  return hookNames
    .filter((name) => hookTable[name].process === 'worker' && typeof values[name] === 'function')
    .map((name) => ({
      where: programSource,
      name,
      message:
        'this hook runs in the workers, and a function cannot be sent to another process; export it from a ' +
        'module and name that: hooks: ["./hooks.js"], or give createServer() the path of a config file',
    }))
}

/** What only the command can do, because it ends or replaces the process. */
const ofCommand = ['daemon', 'check_config', 'print_config'] as const

export function programProblems(settings: Settings): Problem[] {
  return ofCommand
    .filter((name) => settings[name])
    .map((name) => ({
      where: programSource,
      name,
      message: 'only the command tsgun can do this: it would end or replace the process of the program',
    }))
}
