// Runs in a task process: whether a client waits in the queue of a listening socket, without accepting it.
// Node has no such call.

import { bindKoffi } from './koffi.ts'

/** POLLIN of poll(2): a connection can be accepted. */
const readable = 1
/** Where struct pollfd has `events` and `revents`, and its size. */
const layout = { events: 4, revents: 6, size: 8 }

export type HasWaiting = (fd: number) => boolean

/** Returns the call, or the reason why it is not available. Load it once: each load takes memory. */
export function loadHasWaiting(): HasWaiting | Error {
  const library = process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6'
  return bindKoffi((koffi) => {
    const poll: (entries: Buffer, count: number, wait: number) => number = koffi
      .load(library)
      .func('int poll(void *entries, unsigned long count, int wait)')
    const entry = Buffer.alloc(layout.size)
    return (fd) => {
      entry.writeInt32LE(fd, 0)
      entry.writeInt16LE(readable, layout.events)
      entry.writeInt16LE(0, layout.revents)
      return poll(entry, 1, 0) > 0 && (entry.readInt16LE(layout.revents) & readable) !== 0
    }
  })
}
