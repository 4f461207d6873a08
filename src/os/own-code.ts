// Any process. Where the code of tsgun itself is: the files of src, or what the build makes of them in dist.
// There most files are parts of dist/chunks, so that no other file may ask where it is itself.

import { extname, join, resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The package of this process. In src and in dist/chunks this file is two folders below it. */
export const ownPackage = resolve(import.meta.dirname, '../..')

const extension = extname(import.meta.filename)
const directory = join(ownPackage, extension === '.ts' ? 'src' : 'dist')

/** The prefix of the paths of all code of tsgun. */
export const ownCode = directory + sep

/** Files that are loaded by their path: by a thread, by Node itself, or late and at once. */
export const ownFiles = [
  'bus/client/open',
  'index',
  'logging/records/logger',
  'modules/hooks/import-hooks',
  'modules/inherit/register',
  'modules/metadata/thread',
  'worker/threads/thread',
  'worker/watchdog/thread',
] as const

export type OwnFile = (typeof ownFiles)[number]

/** The path of such a file. */
export function ownFile(name: OwnFile): string {
  return join(directory, name + extension)
}

/** The URL of such a file. */
export function ownUrl(name: OwnFile): URL {
  return pathToFileURL(ownFile(name))
}
