// Runs in the main thread of a worker, but called by the watchdog thread in the middle of whatever holds the
// main thread up. So each function is synchronous, and nothing that they call may wait for the event loop.

/** What the main thread knows and the watchdog thread cannot see. */
export interface Testimony {
  readonly heapUsed: number
  readonly heapLimit: number
  /** Requests in flight, oldest first, and how many more there are. */
  readonly requests: readonly string[]
  readonly more: number
}

export interface Witness {
  testify(): Testimony
  /** Writes the access lines of the requests in flight, and all that waits to be written. */
  writeLast(): void
  /** Runs the hook worker_abort. */
  abort(): void
}

const key = Symbol.for('tsgun.watchdog')

/**
 * Makes the witness known to this process's watchdog thread, and keeps it out of the app's sight as far as
 * that is possible.
 */
export function exposeWitness(witness: Witness): void {
  const exposed = { ...witness, testify: () => JSON.stringify(witness.testify()) }
  Object.defineProperty(globalThis, key, { value: Object.freeze(exposed) })
}

/** The expression by which the watchdog thread calls one of them. */
export function callOf(name: keyof Witness): string {
  // A frame of Node.js itself has names of its own, `Symbol` among them.
  return `globalThis[globalThis.Symbol.for('${key.description ?? ''}')].${name}()`
}

/** What `testify` has answered. The app can reach the function: its answer is looked at. */
export function readTestimony(text: unknown): Testimony | undefined {
  if (typeof text !== 'string') return undefined
  try {
    // of the same version; the arbiter checks the report that is made of it
    return JSON.parse(text) as Testimony
  } catch {
    return undefined // no testimony is better than no report
  }
}
