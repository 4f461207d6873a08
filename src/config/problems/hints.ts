// Adds to problems what was probably meant. The tables for it are loaded only now, after a mistake.

import { LateModule } from '../../os/late-module.ts'
import type { Problem } from './problem.ts'

const tables = new LateModule(() => import('../hints/hint.ts'))

/** Loads the tables, so that their files may be removed. */
export async function keepHints(): Promise<void> {
  await tables.load()
}

export async function withHints(problems: readonly Problem[]): Promise<Problem[]> {
  if (problems.every(({ mistake }) => mistake === undefined)) return [...problems]
  const { hintFor } = await tables.load()
  return problems.map(({ mistake, ...problem }) => {
    const hint = mistake === undefined ? undefined : hintFor(mistake)
    return hint === undefined ? problem : { ...problem, message: `${problem.message}; ${hint}` }
  })
}
