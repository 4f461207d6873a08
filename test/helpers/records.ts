// Reads records that a server or a hook has written: one JSON object per line.

import type { Project } from './tsgun.ts'

/** Returns the records in the complete lines of a project's file. */
export function recordsOf<Entry>(project: Project, file: string): Entry[] {
  const lines = project.read(file).split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line) as Entry)
}
