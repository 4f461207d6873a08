// What the doctor looks at: a config that has been loaded, in the place where it would serve.

import type { LoadedConfig } from '../config/load.ts'

export interface Subject {
  readonly config: Pick<
    LoadedConfig,
    'settings' | 'origins' | 'file' | 'directory' | 'appFile' | 'hookFiles' | 'identity'
  >
  /** The number of workers that would start. */
  readonly workers: number
  readonly environment: NodeJS.ProcessEnv
}
