// The error behind an error: what an operator has to mend. Any process.

/** Causes of causes are followed this far. */
const deepest = 8

/** The innermost `cause`; of an AggregateError its first error. The error itself if it has none. */
export function rootCause(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) || depth === deepest) return error
  const [first]: readonly unknown[] = error instanceof AggregateError ? error.errors : []
  const next = first ?? error.cause
  return next instanceof Error ? rootCause(next, depth + 1) : error
}
