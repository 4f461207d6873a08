// The `shared` that users import. Any process.

import { findShared } from './install.ts'

/** What preload() returns, awaited. */
export type Shared<Preload extends (...parameters: never[]) => unknown> = Awaited<ReturnType<Preload>>

/**
 * Returns what preload() of this server has returned: `const { index } = shared<typeof preload>()`. The same
 * value at each call in a process. Buffers of 64 KB and more are the memory that all processes of the
 * generation share; what is written to them is seen by this process only. Throws an Error in a server without
 * preload(), and outside of a server.
 */
export function shared<Preload extends (...parameters: never[]) => unknown>(): Shared<Preload> {
  const link = findShared()
  if (link === undefined)
    throw new Error(
      'shared(): there is nothing to share: export preload() from the module of the app, or name a module ' +
        'by the setting `preload`; outside of a server, as in a test, call preload() yourself',
    )
  return link.read() as Shared<Preload> // as the caller says
}
