// Runs in the process of preload(): what shared() returns there, because modules that call it while they are
// loaded are loaded before preload() runs. Its parts can be taken out; to use one is an error.

/** Node.js and libraries look at these of any value. */
const harmless: readonly (string | symbol)[] = ['then', 'toJSON', Symbol.toStringTag]

export function placeholder(): unknown {
  const refuse = (): never => {
    throw new Error(
      'shared(): preload() has not run yet in this process, which loads this module to run it; use the ' +
        'value later, or move preload() to a module of its own, and name it by the setting `preload`',
    )
  }
  const empty: unknown = new Proxy(refuse, {
    get: (_, key) => {
      if (harmless.includes(key)) return undefined
      return typeof key === 'symbol' ? refuse() : empty
    },
    has: refuse,
    set: refuse,
    ownKeys: refuse,
    construct: refuse,
  })
  return empty
}
