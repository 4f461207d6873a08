// Runs in a worker: reads the header of the PROXY protocol from a connection, before HTTP or TLS sees a byte
// of it. What has arrived behind the header is given back to the socket.

import type { Socket } from 'node:net'
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
  let bytes: Buffer = Buffer.alloc(0)
  const finish = (outcome: Outcome): void => {
    clearTimeout(timer)
    socket.off('readable', read).off('end', end).off('error', fail).off('close', stop)
    const rest = outcome.kind === 'header' ? bytes.subarray(outcome.length) : bytes
    if (rest.length > 0 && outcome.kind !== 'ended') socket.unshift(rest)
    done(outcome)
  }
  const read = (): void => {
    for (let chunk = readChunk(socket); chunk !== null; chunk = readChunk(socket))
      bytes = Buffer.concat([bytes, chunk])
    const parsed = parse(bytes)
    if (parsed.kind !== 'more') finish(parsed)
  }
  const end = (): void => (bytes.length > 0 ? finish({ kind: 'ended' }) : void socket.destroy())
  const fail = (): void => void socket.destroy()
  const stop = (): void => clearTimeout(timer)
  const timer = setTimeout(() => finish(more), within).unref()
  socket.on('readable', read).on('end', end).on('error', fail).on('close', stop)
}

/** Parses the first bytes of a connection. */
export function parse(bytes: Buffer): Parsed {
  if (bytes.length === 0) return more
  const version1 = parseVersion1(bytes)
  return version1 === none ? parseVersion2(bytes) : version1
}

/** A socket without an encoding gives buffers. */
function readChunk(socket: Socket): Buffer | null {
  return socket.read() as Buffer | null
}
