// Runs in the arbiter: datagrams to the supervisor, which Node cannot send. A send never blocks: otherwise a
// supervisor that does not read would block the arbiter.

import type { NativeCalls } from './native.ts'
import type { UnixAddress } from './unix-sockets.ts'

/**
 * Sends one message. Throws an error with `code`: EAGAIN when the supervisor has not read earlier ones.
 */
export type SendNotification = (text: string) => void

/** The longest name of sockaddr_un: 108 bytes with the NUL of a path or the one before an abstract name. */
const longestName = 107

/** Returns a function that sends to the socket of NOTIFY_SOCKET, or the reason why that is impossible. */
export function notificationSender(socket: string, native: NativeCalls | Error): SendNotification | Error {
  if (native instanceof Error) return native
  const { sendDatagram } = native
  const address = parseNotifySocket(socket)
  if (address === undefined)
    return new Error(`it is not the address of a unix socket: ${JSON.stringify(socket)}`)
  if (sendDatagram === undefined) return new Error(`tsgun cannot send datagrams on ${process.platform}`)
  return (text) => sendDatagram(address, text)
}

/**
 * `/path`, or `@name` for an abstract one (sd_notify(3)); undefined for anything else, such as
 * `vsock:2:1234`.
 */
export function parseNotifySocket(socket: string): UnixAddress | undefined {
  const abstract = socket.startsWith('@')
  if (!abstract && !socket.startsWith('/')) return undefined
  const name = abstract ? socket.slice(1) : socket
  return name === '' || name.includes('\0') || Buffer.byteLength(name) > longestName
    ? undefined
    : { name, abstract }
}

/** Microseconds of CLOCK_MONOTONIC, the clock of MONOTONIC_USEC; on Linux libuv's hrtime reads it. */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n
}
