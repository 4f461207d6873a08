// Runs in the arbiter: puts the watcher of the setting `reload` together with the arbiter's queue and log.

import { readlinkSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { Settings } from '../../config/settings/table.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { systemClock } from '../../os/system/clock.ts'
import { DevelopmentWatch } from '../../watch/development.ts'
import { isWithin } from '../../watch/ignored.ts'
import type { FileWatcher } from '../loop/options.ts'
import type { CommandQueue } from '../model/commands.ts'
import { codeStores, type Generation, type GenerationLoader } from '../model/generation.ts'
import type { Journal } from '../report/error-log.ts'

export interface ChangeWatcher extends FileWatcher {
  /** This generation is the wanted one. */
  follow(generation: Generation): void
  close(): void
}

export interface ChangeWatchParts {
  readonly queue: CommandQueue
  readonly journal: Pick<Journal, 'report'>
  readonly loader: Pick<GenerationLoader, 'tried'>
}

export function watchForChanges({ queue, journal: { report }, loader }: ChangeWatchParts): ChangeWatcher {
  const warn = (message: string): void => report({ type: 'warning', message })
  const watch = new DevelopmentWatch({
    directory: process.cwd(),
    clock: systemClock,
    own: [codeStores(), ...[1, 2].flatMap(fileOfDescriptor)],
    onChanging: () => queue.put({ type: 'files_changing' }),
    onChanged: (files) => queue.put({ type: 'files_changed', files }),
    onWarning: warn,
  })
  let warned = false
  return {
    follow({ config: { settings }, files = [] }) {
      const unusual = warned ? undefined : whyUnusual(settings)
      if (unusual !== undefined) warn(`reload is for development, and ${unusual}`)
      warned ||= unusual !== undefined
      watch.follow(settings, files)
    },
    saw: (files) => watch.addFiles(files),
    loadFailed: (reason) => watch.loadFailed([...loader.tried, ...pathsIn(reason)]),
    close: () => void watch.close().catch((error: unknown) => warn(describeError(error).message)),
  }
}

/** Where its standard output goes, if somebody has redirected it: each line there would be a change. */
function fileOfDescriptor(fd: number): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${fd}`)].filter(isAbsolute)
  } catch {
    return [] // it is closed, or there is no such file system here
  }
}

function whyUnusual({ reload, daemon, env }: Settings): string | undefined {
  if (reload === false) return undefined
  if ((env['NODE_ENV'] ?? process.env['NODE_ENV']) === 'production') return 'NODE_ENV is "production"'
  return daemon ? 'this server is a daemon: nobody sees what it says' : undefined
}

/** A reason names the file that is broken, or missing. */
function pathsIn(text: string): readonly string[] {
  const named = [...text.matchAll(/\/[^\s'"():]+/g)].map(([path]) => resolve(path))
  return named.filter((path) => isWithin(path, process.cwd()))
}
