// The files and sockets that the master makes: their directories exist, and it may write to them. Pure.

import { wrong, type Finding } from '../findings/finding.ts'
import type { PathFacts } from '../facts/path-facts.ts'
import type { Place } from '../facts/places.ts'

/** Only what is wrong. */
export function checkPlace({ setting, what, path, directory }: Place): Finding[] {
  const problem =
    directoryProblem(directory, path.path) ?? (what === 'log' ? logProblem(path) : fileProblem(what, path))
  return problem === undefined ? [] : [wrong(setting, ...problem)]
}

type Problem = readonly [message: string, remedy: string]

function directoryProblem(directory: PathFacts, path: string): Problem | undefined {
  const { kind, writeError } = directory
  if (kind === 'missing')
    return [`${path}: there is no directory ${directory.path}`, `mkdir -p ${directory.path}`]
  if (kind === 'hidden') return [`${path}: this user may not look into the directory`, rights(directory)]
  if (kind !== 'directory') return [`${path}: ${directory.path} is no directory`, 'choose another path']
  if (writeError === 'EROFS') return [`${path}: the file system of ${directory.path} is read-only`, readOnly]
  return undefined
}

const readOnly = 'mount a volume or a tmpfs there, or choose another path'

/** A log that exists is appended to; else it is created, and so are its rotated files. */
function logProblem({ path, kind, writeError }: PathFacts): Problem | undefined {
  if (kind === 'directory') return [`${path} is a directory`, `name a file in it: ${path}/NAME.log`]
  if (kind === 'missing') return undefined // its directory is checked by creationProblem
  return writeError === undefined
    ? undefined
    : [`${path}: this user may not write to it`, `chown or chmod ${path}`]
}

function fileProblem(what: Place['what'], { path, kind }: PathFacts): Problem | undefined {
  if (kind === 'directory') return [`${path} is a directory`, `name a file in it: ${path}/NAME`]
  const isOther = what === 'socket' && kind !== 'missing' && kind !== 'socket'
  return isOther ? [`${path} exists and is no socket`, 'remove it, or choose another path'] : undefined
}

/** A file that does not exist yet, a pidfile and a socket need a directory that can be written to. */
export function checkCreation({ setting, what, path, directory }: Place): Finding[] {
  const creates = what !== 'log' || path.kind === 'missing'
  if (!creates || directory.kind !== 'directory' || directory.writeError !== 'EACCES') return []
  return [
    wrong(setting, `${path.path}: this user may not create files in ${directory.path}`, rights(directory)),
  ]
}

function rights({ path }: PathFacts): string {
  return `chown or chmod ${path} for the user that starts tsgun`
}
