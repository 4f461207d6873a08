// Runs in the command `tsgun init`: writes server.config.ts for the app of the current directory, and prints
// what comes next. It asks nothing, runs nothing of the project, and overwrites nothing.

import { existingConfig, writeNew } from '../setup/config-file/write.ts'
import { newConfig, nextCommands } from '../setup/init/init.ts'
import { notFound } from '../setup/init/not-found.ts'
import { findApp } from '../setup/project/find-app.ts'
import { openProject } from '../setup/project/project.ts'
import { SetupError } from '../setup/setup-error.ts'
import { runSetup, type SetupWords } from './setup-command.ts'

const help = `Usage: tsgun init [app]

Writes server.config.ts for the app of this directory: what its start script runs, what its framework
builds, "main" of package.json, or a file with a usual name such as server.ts. Overwrites nothing.

Arguments:
  app         The file of the app, if it is another one

Options:
  -h, --help  Show this help
`

/** Resolves with the exit code. */
export function init(words: readonly string[], directory: string): Promise<number> {
  return runSetup({ name: 'init', help, words, directory, run })
}

function run({ operand, directory, say }: SetupWords): void {
  const project = openProject(directory)
  const existing = existingConfig(project)
  if (existing !== undefined)
    throw new SetupError(`${existing} exists already, and init overwrites nothing; start with: npx tsgun`)
  const app = findApp(project, operand)
  if (app === undefined) throw new SetupError(notFound(project, operand))
  const { file, text, notes } = newConfig(project, app)
  writeNew(project, file, text)
  say(`${file} is written for ${app.framework?.name ?? 'the app'}: ${app.path} (${app.reason})`)
  for (const note of notes) say(note)
  say('Next:', ...nextCommands(project, app).map((command) => `  ${command}`))
}
