// Runs the real tsgunctl in the directory of a project.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cleanEnvironment, nodeBinary, repository, type Project } from './tsgun.ts'

/** Resolves with what it prints. Rejects when it fails. */
export async function tsgunctl(project: Project, ...words: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(
    nodeBinary,
    [join(repository, 'bin/tsgunctl.js'), '--socket', project.path('ctl.sock'), ...words],
    { cwd: project.directory, env: cleanEnvironment(), timeout: 60_000 },
  )
  return stdout
}
