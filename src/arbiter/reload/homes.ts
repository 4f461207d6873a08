// Runs in the arbiter: which tsgun the workers of a generation are started from. Where each release has a
// tsgun of its own, it is that of the release, so that the release of the start may be removed. Otherwise it
// is the one that this process was started from.

import { dirname, resolve } from 'node:path'
import type { LoadedConfig } from '../../config/load.ts'
import { ConfigError } from '../../config/problems/problem.ts'
import { findHome, versionIn } from '../../ipc/home.ts'
import { ownPackage } from '../../os/own-code.ts'

/** Where the files of a config are, as they are named: links in these paths are followed at each look. */
export type Places = readonly string[]

export interface Home {
  readonly directory: string
  readonly warnings: readonly string[]
}

export class Homes {
  readonly #own: string
  readonly #version: string
  #places: Places | undefined
  /** Whether the tsgun of this process was the one of the first release. */
  #isInRelease = false

  /** `own`: the package of this process. */
  constructor(own = ownPackage) {
    this.#own = own
    this.#version = versionIn(own) ?? 'unknown'
  }

  /**
   * The package for the workers of a generation. Throws a ConfigError when it has another version than this
   * process, or is gone.
   */
  next(places: Places): Home {
    const found = findHome(places)
    if (this.#places === undefined) this.#isInRelease = found === this.#own
    this.#places = places
    const home = (this.#isInRelease ? found : undefined) ?? this.#own
    const version = versionIn(home)
    if (version !== this.#version) throw mistake(home, version, this.#version)
    return {
      directory: home,
      warnings: this.#isInRelease && found === undefined ? [noneFound(home, places)] : [],
    }
  }

  /** The package that the next master is started from: that of the present release, of any version. */
  get present(): string {
    return (this.#isInRelease ? findHome(this.#places ?? []) : undefined) ?? this.#own
  }

  /** Whether this process may have to do without its own package from now on. */
  isForeign({ directory }: Home): boolean {
    return directory !== this.#own
  }
}

/** `start`: the directory in which the server was started. */
export function placesOf({ file, settings, appFile }: LoadedConfig, start: string): Places {
  const base = resolve(start, settings.chdir)
  return [
    ...(file === null ? [] : [dirname(file)]),
    start,
    base,
    ...(appFile === null ? [] : [dirname(appFile)]),
  ]
}

function noneFound(home: string, places: Places): string {
  return (
    `no tsgun is installed for ${places[0] ?? ''}: its workers are started from ${home}; keep that ` +
    'directory, or install tsgun in each release'
  )
}

function mistake(home: string, version: string | undefined, own: string): ConfigError {
  const remedy = `upgrade the master: kill -USR2 ${process.pid}, or tsgunctl upgrade`
  const message =
    version === undefined
      ? `the tsgun of this master, ${home}, no longer exists, so no worker can be started: install tsgun ` +
        `${own} there, or in the release`
      : `${home} is tsgun ${version}, and this master is tsgun ${own}; ${remedy}`
  return new ConfigError([{ where: '', name: '', message }])
}
