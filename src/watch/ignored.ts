// Runs in the arbiter, with the setting `reload`: which files are ignored although a glob matches them: those
// of tools and editors, and those that the server writes. Pure.

import { basename, dirname, resolve, sep } from 'node:path'
import { logPaths, type WithLogs } from '../config/settings/log-paths.ts'
import type { Settings } from '../config/settings/table.ts'

/** Directories of packages and version control. */
const toolDirectories = ['node_modules', '.git', '.hg', '.svn', '.jj']

/** Temporary files of editors: vim, emacs, kate and gedit, JetBrains' "safe write", write and rename. */
const temporary: readonly RegExp[] = [
  /^4913$/,
  /^\..*\.sw[a-z]$|\.sw[a-p]$/,
  /~$/,
  /^\.#|^#.*#$/,
  /___jb_(?:tmp|old|bak)___$/,
  /\.tmp(?:[.-].*)?$/,
  /^\.goutputstream-/,
]

export type IgnoredSettings = WithLogs & Pick<Settings, 'pidfile'>

export type IsIgnored = (path: string) => boolean

/**
 * `base`: the working directory of the server; it is not ignored when logs are directly in it. `own`:
 * prefixes of other paths that the server writes.
 */
export function ignoring(settings: IgnoredSettings, base: string, own: readonly string[] = []): IsIgnored {
  const logs = logPaths(settings).map((path) => resolve(base, path))
  const pidfile = settings.pidfile === null ? [] : [resolve(base, settings.pidfile)]
  const logDirectories = logs.map((file) => dirname(file)).filter((directory) => !isWithin(base, directory))
  return (path) =>
    isInToolDirectory(path, base) ||
    temporary.some((pattern) => pattern.test(basename(path))) ||
    // The names of rotated logs, and of a pidfile that is being written, begin with the name of the file.
    [...logs, ...pidfile].some((file) => path === file || path.startsWith(`${file}.`)) ||
    own.some((start) => path.startsWith(start)) ||
    logDirectories.some((directory) => isWithin(path, directory))
}

/** Only the path below the base is checked: the project itself may be in such a directory. */
function isInToolDirectory(path: string, base: string): boolean {
  const inside = path.startsWith(`${base}${sep}`) ? path.slice(base.length) : path
  return inside.split(sep).some((part) => toolDirectories.includes(part))
}

export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`)
}
