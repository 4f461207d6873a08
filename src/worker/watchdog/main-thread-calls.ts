// Runs in the main thread of a worker, but called by the watchdog thread in the middle of what blocks the
// main thread. So each function is synchronous and waits for nothing that needs the event loop.

/** What the main thread knows and the watchdog thread cannot see. */
export interface MainThreadState {
  /** Bytes. */
  readonly heapUsed: number
  readonly heapLimit: number
  /** Requests in flight, oldest first, and how many more there are. */
  readonly requests: readonly string[]
  readonly more: number
}

export interface MainThreadCalls {
  describe(): MainThreadState
  /** Writes the access lines of the requests in flight, and all buffered log lines. */
  writeLast(): void
  /** Runs the hook worker_abort. */
  abort(): void
}

const key = Symbol.for('tsgun.watchdog')

/**
 * Lets the watchdog thread of this process call the functions: through a property of `globalThis` that the
 * app does not see when it enumerates them.
 */
export function exposeToWatchdog(calls: MainThreadCalls): void {
  const exposed = {
    describe: () => JSON.stringify(calls.describe()),
    writeLast: () => calls.writeLast(),
    abort: () => calls.abort(),
  }
  Object.defineProperty(globalThis, key, { value: Object.freeze(exposed) })
}

/** Returns the expression by which the watchdog thread calls one of them. */
export function callOf(name: keyof MainThreadCalls): string {
  // A frame of Node.js itself has local names, `Symbol` among them.
  return `globalThis[globalThis.Symbol.for('${key.description ?? ''}')].${name}()`
}

/** Parses what `describe` has returned. The app can reach that function, so the value may be anything. */
export function readState(text: unknown): MainThreadState | undefined {
  if (typeof text !== 'string') return undefined
  try {
    // of the same version; the arbiter checks the report that is made of it
    return JSON.parse(text) as MainThreadState
  } catch {
    return undefined // the report is sent without it
  }
}
