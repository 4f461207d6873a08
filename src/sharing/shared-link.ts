// Connects the `shared()` that an app imports to the server that runs it. Any process.

import { GlobalLink } from '../os/global-link.ts'

export interface SharedLink {
  /** Returns what preload() has returned. */
  readonly read: () => unknown
}

export const sharedLink = new GlobalLink<SharedLink>('tsgun.shared', 1, 'read')

/** `read` is called once, when the value is first wanted. */
export function installSharedLink(read: () => unknown): void {
  let known: { readonly value: unknown } | undefined
  sharedLink.install({ read: () => (known ??= { value: read() }).value })
}
