// Runs in the arbiter, with the setting `reload`: connects the file watcher with the arbiter's queue and
// events.

import { readlinkSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import type { Settings } from '../../config/settings/table.ts'
import { describeError } from '../../logging/records/describe-error.ts'
import { systemClock } from '../../os/system/clock.ts'
import type { Variables } from '../../os/variables.ts'
import { DevelopmentWatch } from '../../watch/development.ts'
import { isWithin } from '../../watch/ignored.ts'
import type { Commands } from '../model/commands.ts'
import type { Emit } from '../model/events.ts'
import type { Generation } from '../model/generation.ts'
import type { FileWatcher } from './development-restart.ts'
import { codeStores, type GenerationLoader } from './generation-loader.ts'

export interface DevelopmentWatcher extends FileWatcher {
  /** This generation is the wanted one. */
  follow(generation: Generation): void
  close(): void
}

export interface WatchParts {
  readonly commands: Commands
  readonly emit: Emit
  readonly loader: Pick<GenerationLoader, 'tried'>
  /** Where relative paths start. */
  readonly directory: string
}

export function watchForChanges({ commands, emit, loader, directory }: WatchParts): DevelopmentWatcher {
  const warn = (message: string): void => emit({ type: 'warning', message })
  const watch = new DevelopmentWatch({
    directory,
    clock: systemClock,
    own: [codeStores(), ...[1, 2].flatMap(fileOfDescriptor)],
    onChanging: () => commands.put({ type: 'files_changing' }),
    onChanged: (files) => commands.put({ type: 'files_changed', files }),
    onWarning: warn,
  })
  let warned = false
  return {
    follow({ config: { settings, fileVariables }, files = [] }) {
      const unusual = warned ? undefined : whyUnusual(settings, fileVariables)
      if (unusual !== undefined) warn(`reload is for development, and ${unusual}`)
      warned ||= unusual !== undefined
      watch.follow(settings, files)
    },
    saw: (files) => watch.addFiles(files),
    loadFailed: (reason) => watch.loadFailed([...loader.tried, ...pathsIn(reason, directory)]),
    close: () => void watch.close().catch((error: unknown) => warn(describeError(error).message)),
  }
}

/** The file that a standard stream is redirected to: each line there would be a change. */
function fileOfDescriptor(fd: number): string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${fd}`)].filter(isAbsolute)
  } catch {
    return [] // it is closed, or this system has no /proc
  }
}

function whyUnusual({ reload, daemon, env }: Settings, inFiles: Variables): string | undefined {
  if (reload === false) return undefined
  if ((env['NODE_ENV'] ?? process.env['NODE_ENV'] ?? inFiles['NODE_ENV']) === 'production')
    return 'NODE_ENV is "production"'
  return daemon ? 'this server is a daemon: its messages are only in the error log' : undefined
}

/** A reason names the file that is broken or missing. */
function pathsIn(text: string, directory: string): readonly string[] {
  const named = [...text.matchAll(/\/[^\s'"():]+/g)].map(([path]) => resolve(path))
  return named.filter((path) => isWithin(path, directory))
}
