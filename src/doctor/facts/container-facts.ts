// Whether this is a container, and how it was started.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isatty } from 'node:tty'
import { titleOf } from '../../os/process/socket-holders.ts'

export interface ContainerFacts {
  readonly isContainer: boolean
  readonly isKubernetes: boolean
  /** The command line of process 1. */
  readonly init: string
  /** Standard output is a terminal (docker run -t). */
  readonly hasTerminal: boolean
  /** The text of the project's Dockerfile. */
  readonly dockerfile: string | undefined
}

export function containerFacts(environment: NodeJS.ProcessEnv, directory: string): ContainerFacts {
  const marks = ['/.dockerenv', '/run/.containerenv']
  const isKubernetes = environment['KUBERNETES_SERVICE_HOST'] !== undefined
  return {
    isContainer:
      isKubernetes || environment['container'] !== undefined || marks.some((path) => existsSync(path)),
    isKubernetes,
    init: titleOf(1) ?? '',
    hasTerminal: isatty(1),
    dockerfile: ['Dockerfile', 'Containerfile']
      .map((name) => readIfThere(join(directory, name)))
      .find((text) => text !== undefined),
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // most projects have none
  }
}
