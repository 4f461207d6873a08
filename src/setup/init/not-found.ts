// Runs in `tsgun init` and `tsgun migrate`: the message when no app is found. Pure.

import type { Project } from '../project/project.ts'

const usual = 'server.ts, app.ts, index.ts or main.ts'
const remedy = 'name it: tsgun init ./path/to/app.ts'

export function notFound({ package: found, directory }: Project, named: string | undefined): string {
  if (named !== undefined) return `there is no file ${named} in ${directory}`
  const where = `no app found in ${directory}`
  if (found === undefined) return `${where}: it has no package.json and no ${usual}; ${remedy}`
  if (found.hasWorkspaces)
    return `${where}: it is the root of several packages; run tsgun init in the package of the server`
  const script = found.scripts['start']
  const looked =
    script === undefined
      ? 'package.json has no start script'
      : `the start script (${script}) runs no file of this directory`
  return `${where}: ${looked}, and there is no ${usual} that serves; ${remedy}`
}
