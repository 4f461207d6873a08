// Runs in a worker: looks at the first bytes of a connection before anything else reads them.

import type { Socket } from 'node:net'

export interface FirstBytesOptions<Known> {
  /** Milliseconds, however the client divides its bytes; 0 means no limit. */
  readonly patience: number
  /** Returns undefined when more bytes have to arrive. */
  readonly decide: (bytes: Buffer) => Known | undefined
}

/**
 * Calls `onKnown` once; all bytes are still to be read from the socket then. With undefined when not enough
 * bytes have arrived in time, or ever will: then they are lost.
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
    clearTimeout(timer)
    if (known !== undefined && seen !== undefined) socket.unshift(seen)
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
  const timer = patience === 0 ? undefined : setTimeout(onEnd, patience).unref()
  for (const event of endings) socket.on(event, onEnd)
  socket.on('readable', look)
}

const endings = ['end', 'error', 'close'] as const
