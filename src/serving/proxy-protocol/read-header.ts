// Runs in a worker: reads the header of the PROXY protocol from a connection, before HTTP or TLS sees a byte
// of it. What has arrived behind the header is still to be read from the socket.

import type { Socket } from 'node:net'
import { awaitFirstBytes } from '../accept/first-bytes.ts'
import { more, none, type Parsed } from './parsed.ts'
import { parseVersion1 } from './version1.ts'
import { parseVersion2 } from './version2.ts'

/**
 * How it ended. `more`: the time was over before the header was complete; `ended`: the client has ended the
 * connection within it.
 */
export type Outcome = Parsed | { readonly kind: 'ended' }

/** Calls `done` once, unless the connection ends without a byte. `within`: milliseconds for the header. */
export function readHeader(socket: Socket, within: number, done: (outcome: Outcome) => void): void {
  awaitFirstBytes(socket, { patience: within, decide: parseWhole }, (outcome) => {
    if (outcome.kind === 'timeout') return done(more)
    if (outcome.kind === 'ended')
      return outcome.hasBytes && !socket.destroyed ? done({ kind: 'ended' }) : void socket.destroy()
    if (outcome.value.kind === 'header') socket.read(outcome.value.length)
    done(outcome.value)
  })
}

const parseWhole = (bytes: Buffer): Parsed | undefined => {
  const parsed = parse(bytes)
  return parsed.kind === 'more' ? undefined : parsed
}

/** Parses the first bytes of a connection. */
export function parse(bytes: Buffer): Parsed {
  if (bytes.length === 0) return more
  const version1 = parseVersion1(bytes)
  return version1 === none ? parseVersion2(bytes) : version1
}
