// Any process that may have several servers: loads of code take turns, because there is one module loader in
// a process. By a global symbol and not in a module: two copies of tsgun have the same loader of Node.

interface Turns {
  readonly count: number
  /** Settles when all turns so far are over. */
  readonly last: Promise<unknown>
}

const key = Symbol.for('tsgun.turns')

/** `run` gets the number of its turn in this process, from 1. Resolves and rejects as it does. */
export function inTurn<Result>(run: (turn: number) => Promise<Result>): Promise<Result> {
  const { count, last } = present()
  const turn = count + 1
  const result = last.then(() => run(turn))
  const over = result.then(
    () => undefined,
    () => undefined, // the caller has the error
  )
  const next: Turns = { count: turn, last: over }
  Object.defineProperty(globalThis, key, { value: next, configurable: true, enumerable: false })
  return result
}

function present(): Turns {
  const found = Reflect.get(globalThis, key) as Turns | undefined // set here
  return found ?? { count: 0, last: Promise.resolve() }
}
