// Runs in `tsgun init` and `tsgun migrate`: writes a new config file. A file that exists is never
// overwritten.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../os/error-code.ts'
import type { Project } from '../project/project.ts'
import { SetupError } from '../setup-error.ts'

const configFiles = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml'].map(
  (extension) => `server.config.${extension}`,
)

/** Returns the config that the project has already: a second one would be ignored, or hide the first. */
export function existingConfig(project: Project): string | undefined {
  return configFiles.find((file) => project.isFile(file)) ?? configInPackage(project)
}

function configInPackage(project: Project): string | undefined {
  return project.package?.hasConfig === true ? '"tsgun" of package.json' : undefined
}

/** Throws a SetupError when the file exists or cannot be written. */
export function writeNew(project: Project, file: string, text: string): void {
  try {
    writeFileSync(join(project.directory, file), text, { flag: 'wx' })
  } catch (error) {
    if (hasCode(error, 'EEXIST')) throw new SetupError(`${file} exists already; it is left as it is`)
    const reason = error instanceof Error ? error.message : String(error)
    throw new SetupError(`${file} cannot be written: ${reason}`, { cause: error })
  }
}
