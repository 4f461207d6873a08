// Runs in a worker: looks at the first bytes of a connection before anything else reads them.

import type { Socket } from 'node:net'
import { afterReads } from '../../os/system/after-reads.ts'

export interface FirstBytesOptions<Known> {
  /** Milliseconds, however the client divides its bytes; 0 means no limit. */
  readonly patience: number
  /** Returns undefined when more bytes have to arrive. */
  readonly decide: (bytes: Buffer) => Known | undefined
}

export type FirstBytes<Known> =
  | { readonly kind: 'known'; readonly value: Known }
  /** Not enough bytes have arrived in time. */
  | { readonly kind: 'timeout' }
  /** Not enough bytes will ever arrive. `hasBytes`: some have. */
  | { readonly kind: 'ended'; readonly hasBytes: boolean }

/** Calls `onOutcome` once; all bytes that have arrived are still to be read from the socket then. */
export function awaitFirstBytes<Known>(
  socket: Socket,
  { patience, decide }: FirstBytesOptions<Known>,
  onOutcome: (outcome: FirstBytes<Known>) => void,
): void {
  let seen: Buffer | undefined
  const finish = (outcome: FirstBytes<Known>): void => {
    socket.off('readable', look)
    for (const event of endings) socket.off(event, onEnd)
    clearTimeout(timer)
    clearImmediate(late)
    if (seen !== undefined && outcome.kind !== 'ended') socket.unshift(seen)
    onOutcome(outcome)
  }
  const onEnd = (): void => finish({ kind: 'ended', hasBytes: seen !== undefined })
  function look(): void {
    const bytes: unknown = socket.read()
    if (!Buffer.isBuffer(bytes)) return // it is at its end, which is an event of its own
    seen = seen === undefined ? bytes : Buffer.concat([seen, bytes])
    const value = decide(seen)
    if (value !== undefined) finish({ kind: 'known', value })
  }
  let late: NodeJS.Immediate | undefined
  const onTimeUp = (): void => void (late = afterReads(() => finish({ kind: 'timeout' })))
  const timer = patience === 0 ? undefined : setTimeout(onTimeUp, patience).unref()
  for (const event of endings) socket.on(event, onEnd)
  socket.on('readable', look)
}

const endings = ['end', 'error', 'close'] as const
