// Reads records that a server or a hook has written: one JSON object per line.

import type { Project, RunningServer } from './tsgun.ts'

/** Returns the records in the complete lines of a project's file. */
export function recordsOf<Entry>(project: Project, file: string): Entry[] {
  const lines = project.read(file).split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Entry)
}

/** Resolves with the lines of the access log in JSON, `access.log`, when there are this many. */
export async function accessLines<Line>(server: RunningServer, count: number): Promise<readonly Line[]> {
  const lines = (): Line[] => recordsOf<Line>(server.project, 'access.log')
  await server.until(`${count} lines`, () => lines().length >= count)
  return lines()
}
