// Runs in the arbiter, with the setting `reload`: which files of a glob are not the user's own work, whatever
// the glob says. Pure.

import { basename, dirname, resolve, sep } from 'node:path'
import type { Settings } from '../config/settings/table.ts'

/** Directories of tools. */
const foreign = ['node_modules', '.git', '.hg', '.svn', '.jj']

/**
 * Files that editors make beside the one that is edited: vim, emacs, kate and gedit, JetBrains' "safe write",
 * and `rename` dances.
 */
const temporary: readonly RegExp[] = [
  /^4913$/,
  /^\..*\.sw[a-z]$|\.sw[a-p]$/,
  /~$/,
  /^\.#|^#.*#$/,
  /___jb_(?:tmp|old|bak)___$/,
  /\.tmp(?:[.-].*)?$/,
  /^\.goutputstream-/,
]

export type IgnoredSettings = Pick<Settings, 'accesslog' | 'errorlog' | 'applog' | 'pidfile'>

export type IsIgnored = (path: string) => boolean

/**
 * `base` is the server's working directory: logs right in it do not make all of it a log directory. `own`:
 * how the paths of what else the server writes begin.
 */
export function ignoring(settings: IgnoredSettings, base: string, own: readonly string[] = []): IsIgnored {
  const logs = [settings.accesslog, settings.errorlog, settings.applog].flatMap((log) => logFile(log, base))
  const pidfile = settings.pidfile === null ? [] : [resolve(base, settings.pidfile)]
  const logDirectories = logs.map((file) => dirname(file)).filter((directory) => !isWithin(base, directory))
  return (path) =>
    isForeign(path, base) ||
    temporary.some((pattern) => pattern.test(basename(path))) ||
    // A rotated log, and a pidfile that is being written, begin with the name of the file.
    [...logs, ...pidfile].some((file) => path === file || path.startsWith(`${file}.`)) ||
    own.some((start) => path.startsWith(start)) ||
    logDirectories.some((directory) => isWithin(path, directory))
}

function logFile(log: unknown, base: string): string[] {
  const path = typeof log === 'object' && log !== null && 'path' in log ? log.path : log
  return typeof path !== 'string' || path === '-' ? [] : [resolve(base, path)]
}

/** Only what is below the base counts: the project itself may be in such a directory. */
function isForeign(path: string, base: string): boolean {
  const inside = path.startsWith(`${base}${sep}`) ? path.slice(base.length) : path
  return inside.split(sep).some((part) => foreign.includes(part))
}

export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`)
}
