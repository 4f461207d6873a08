// Connects the `log` that an app imports to the server that runs it. Any process. It is a global symbol and
// not a module, because the app may import another copy of the package than the one that was started (a
// global command), or require() it. A copy that does not know the version of the link ignores it.

import type { Logger } from 'pino'

/** Changes with every change of `LogLink`, so that incompatible copies of the package ignore each other. */
const linkVersion = 1

export interface LogLink {
  readonly version: typeof linkVersion
  /** Returns the app's logger of this process, created when it is first used. */
  readonly logger: () => Logger
}

const linkKey = Symbol.for('tsgun.log')

/** Returns undefined outside of a server. */
export function findLink(): LogLink | undefined {
  const found: unknown = Reflect.get(globalThis, linkKey)
  return isLink(found) ? found : undefined
}

/** Installs the link. Returns a function that removes it, unless another one has replaced it. */
export function installLink(logger: () => Logger): () => void {
  const link: LogLink = { version: linkVersion, logger }
  Object.defineProperty(globalThis, linkKey, {
    value: link,
    writable: true,
    enumerable: false,
    configurable: true,
  })
  return () => {
    if (findLink() === link) Reflect.deleteProperty(globalThis, linkKey)
  }
}

function isLink(value: unknown): value is LogLink {
  if (typeof value !== 'object' || value === null) return false
  return Reflect.get(value, 'version') === linkVersion && typeof Reflect.get(value, 'logger') === 'function'
}
