// Runs in the arbiter: what it is made of. All of it can be replaced in a test.

import type { SeenFile } from '../../ipc/messages.ts'
import type { Generation } from '../model/generation.ts'
import type { GenerationSteps } from '../reload/generations.ts'
import type { Upgrade } from '../upgrade/upgrade.ts'
import type { WorkforceOptions } from '../pool/workforce.ts'

/** With `reload`: who watches the files. */
export interface FileWatcher {
  saw(files: readonly SeenFile[]): void
  loadFailed(reason: string): void
}

export interface ArbiterOptions extends WorkforceOptions {
  readonly first: Generation
  readonly steps: GenerationSteps
  readonly upgrade: Pick<Upgrade, 'refusal' | 'begin' | 'heed'>
  /** The workers of the start serve. */
  readonly onReady: () => void
  /** A reload may change the level of the error log. */
  readonly onSettings: (generation: Generation) => void
  readonly files?: FileWatcher
}
