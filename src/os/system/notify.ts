// Runs in the arbiter: datagrams to the supervisor, which Node has no call for. A send never waits: systemd
// that does not read would hold up the whole master.

import type { NativeCalls, UnixAddress } from './native.ts'

/**
 * Sends one message. Throws an error with `code`: EAGAIN when the supervisor has not read what came before.
 */
export type SendNotification = (text: string) => void

/** The longest name of sockaddr_un: 108 bytes with the NUL of a path or the one before an abstract name. */
const longestName = 107

/** Answers what sends to the socket of NOTIFY_SOCKET, or the reason why nothing can. */
export function notificationSender(socket: string, native: NativeCalls | Error): SendNotification | Error {
  if (native instanceof Error) return native
  const { sendDatagram } = native
  const address = parseNotifySocket(socket)
  if (address === undefined) return new Error(`it is no address of a unix socket: ${JSON.stringify(socket)}`)
  if (sendDatagram === undefined) return new Error(`tsgun sends no datagrams on ${process.platform}`)
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

/**
 * Microseconds of CLOCK_MONOTONIC, which is what libuv's hrtime reads on Linux, and what MONOTONIC_USEC is
 * on.
 */
export function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n
}
