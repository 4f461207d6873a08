// Runs in a worker: looks at the first bytes of a connection before anything else reads them.

import type { Socket } from 'node:net'

export interface FirstBytesOptions<Known> {
  /** Milliseconds; 0 means no limit. */
  readonly patience: number
  /** Returns undefined when more bytes have to arrive. */
  readonly decide: (bytes: Buffer) => Known | undefined
}

/**
 * Calls `onKnown` once; all bytes are still to be read from the socket then. With undefined when the
 * connection has ended, or its time is up, before enough has arrived.
 */
export function awaitFirstBytes<Known>(
  socket: Socket,
  { patience, decide }: FirstBytesOptions<Known>,
  onKnown: (known: Known | undefined) => void,
): void {
  let seen: Buffer | undefined
  const finish = (known: Known | undefined): void => {
    socket.off('readable', look)
    for (const event of endings) socket.off(event, onEnd)
    socket.setTimeout(0)
    if (seen !== undefined && !socket.destroyed) socket.unshift(seen)
    onKnown(known)
  }
  const onEnd = (): void => finish(undefined)
  function look(): void {
    const bytes: unknown = socket.read()
    if (!Buffer.isBuffer(bytes)) return // it is at its end, which is an event of its own
    seen = seen === undefined ? bytes : Buffer.concat([seen, bytes])
    const known = decide(seen)
    if (known !== undefined) finish(known)
  }
  if (patience > 0) socket.setTimeout(patience)
  for (const event of endings) socket.on(event, onEnd)
  socket.on('readable', look)
}

const endings = ['end', 'error', 'timeout', 'close'] as const
