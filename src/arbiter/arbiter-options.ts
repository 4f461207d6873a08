// Runs in the arbiter: what it is made of. All of it can be replaced in a test.

import type { Generation } from './generation.ts'
import type { GenerationSteps } from './generations.ts'
import type { Upgrade } from './upgrade.ts'
import type { WorkforceOptions } from './workforce.ts'

export interface ArbiterOptions extends WorkforceOptions {
  readonly first: Generation
  readonly steps: GenerationSteps
  readonly upgrade: Pick<Upgrade, 'refusal' | 'begin' | 'heed'>
  /** The workers of the start serve. */
  readonly onReady: () => void
  /** A reload may change the level of the error log. */
  readonly onSettings: (generation: Generation) => void
}
