// Connects the `shared()` that an app imports to the server that runs it, as logging/records/log-link.ts does
// for `log`: by a global symbol, because the app may import another copy of the package.

/** Changes with every change of `SharedLink`: incompatible copies of the package ignore each other. */
const linkVersion = 1

export interface SharedLink {
  readonly version: typeof linkVersion
  /** Returns what preload() has returned. */
  readonly read: () => unknown
}

const linkKey = Symbol.for('tsgun.shared')

/** Returns undefined outside of a server, and without preload(). */
export function findSharedLink(): SharedLink | undefined {
  const found: unknown = Reflect.get(globalThis, linkKey)
  return isLink(found) ? found : undefined
}

/** `read` is called once, when the value is first wanted. */
export function installSharedLink(read: () => unknown): void {
  let known: { readonly value: unknown } | undefined
  const link: SharedLink = { version: linkVersion, read: () => (known ??= { value: read() }).value }
  Object.defineProperty(globalThis, linkKey, {
    value: link,
    writable: true,
    enumerable: false,
    configurable: true,
  })
}

function isLink(value: unknown): value is SharedLink {
  if (typeof value !== 'object' || value === null) return false
  return Reflect.get(value, 'version') === linkVersion && typeof Reflect.get(value, 'read') === 'function'
}
