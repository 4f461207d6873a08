// Runs in the command `tsgun migrate`: writes a config from the files of another tool, and says what could
// not be carried over. It overwrites nothing.

import { existingConfig, writeNew } from '../setup/config-file/write.ts'
import { nextCommands } from '../setup/init/init.ts'
import { migrate, type NewFile } from '../setup/migrate/migrate.ts'
import { migrationSources, namedSource } from '../setup/migrate/sources.ts'
import { openProject } from '../setup/project/project.ts'
import { SetupError } from '../setup/setup-error.ts'
import { runSetup, type SetupWords } from './setup-command.ts'

const help = `Usage: tsgun migrate [file]

Writes server.config.ts from the config of another tool. What could not be carried over stands in it as
comments. Overwrites nothing.

Arguments:
  file        ecosystem.config.js (PM2; .js, .cjs, .mjs, .json), gunicorn.conf.py (read, not run),
              Procfile or package.json; without it the first of these that is there

Options:
  -h, --help  Show this help
`

/** Resolves with the exit code. */
export function migrateCommand(words: readonly string[], directory: string): Promise<number> {
  return runSetup({ name: 'migrate', help, words, directory, run })
}

async function run({ operand, directory, say }: SetupWords): Promise<void> {
  const project = openProject(directory)
  const existing = existingConfig(project)
  if (existing !== undefined)
    throw new SetupError(`${existing} exists already, and migrate overwrites nothing; move it away first`)
  const [first, ...others] =
    operand === undefined ? migrationSources(project) : [namedSource(project, operand)]
  if (first === undefined)
    throw new SetupError(
      `found no ecosystem.config.js, gunicorn.conf.py, Procfile or start script in ${directory}; ` +
        'for an app without them: tsgun init',
    )
  const { files, notes } = await migrate(project, first)
  const taken = files.find(({ file }) => project.isFile(file))
  if (taken !== undefined)
    throw new SetupError(`${taken.file} exists already, and migrate overwrites nothing`)
  for (const { file, text } of files) writeNew(project, file, text)
  say(...files.map((each) => sentence(each, first.file)), ...notes)
  for (const { file } of others) say(`${file} was not read; to use it instead: tsgun migrate ${file}`)
  const [main, ...more] = files
  if (main === undefined) return
  say('Next:', ...nextCommands(project, main.app).map((command) => `  ${command}`))
  for (const { file } of more) say(`  npx tsgun -c ${file}`)
}

function sentence({ file, app, lost }: NewFile, source: string): string {
  const rest = lost === 0 ? 'everything was carried over' : `${lost} not carried over, see its comments`
  return `${file} is written from ${source}: ${app.path}; ${rest}`
}
