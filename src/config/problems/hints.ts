// Adds to problems what was probably meant. The tables for it are loaded only now, after a mistake.

import type { Problem } from './problem.ts'

export async function withHints(problems: readonly Problem[]): Promise<Problem[]> {
  if (problems.every(({ mistake }) => mistake === undefined)) return [...problems]
  const { hintFor } = await import('../hints/hint.ts')
  return problems.map(({ mistake, ...problem }) => {
    const hint = mistake === undefined ? undefined : hintFor(mistake)
    return hint === undefined ? problem : { ...problem, message: `${problem.message}; ${hint}` }
  })
}
