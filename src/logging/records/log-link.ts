// In every process: how the `log` that an app imports finds the server that runs it. A registered symbol and
// not a module: the app may import another copy of the package than the one that was started (a global
// command), or require() it. A copy that does not know the shape of the link leaves it alone.

import type { Logger } from 'pino'

/**
 * Changes with every change of the shape, so that copies of different versions do not misunderstand each
 * other.
 */
const linkVersion = 1

export interface LogLink {
  readonly version: typeof linkVersion
  /** The app's logger of this process; made when it is first asked for. */
  readonly logger: () => Logger
}

const linkKey = Symbol.for('tsgun.log')

/** Undefined outside of a server. */
export function findLink(): LogLink | undefined {
  const found: unknown = Reflect.get(globalThis, linkKey)
  return isLink(found) ? found : undefined
}

/** Answers a function that takes the link away again, unless another one has replaced it. */
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
