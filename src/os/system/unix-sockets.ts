// System calls for unix sockets that Node lacks, of Linux: elsewhere the address has another layout.

import type * as Koffi from 'koffi'
import { closeSync } from 'node:fs'
import type { Checked } from './koffi.ts'

/** A path, or a name in Linux's abstract name space (unix(7)). */
export interface UnixAddress {
  readonly name: string
  readonly abstract: boolean
}

/** AF_UNIX, and SOCK_STREAM and SOCK_DGRAM with SOCK_CLOEXEC, of Linux (socket(2)). */
const unixFamily = 1
const types = { stream: 0o2000001, datagram: 0o2000002 } as const

/** MSG_DONTWAIT | MSG_NOSIGNAL of Linux (send(2)). */
const withoutBlocking = 0x4040

type SocketCall = (family: number, type: number, protocol: number) => number

const socketPrototype = 'int socket(int family, int type, int protocol)'

/**
 * struct sockaddr_un of unix(7). The length tells the kernel where an abstract name ends; a path ends with a
 * NUL.
 */
function unixAddress({ name, abstract }: UnixAddress): Buffer {
  const family = Buffer.from(new Uint16Array([unixFamily]).buffer)
  return Buffer.concat([family, Buffer.from(abstract ? `\0${name}` : `${name}\0`)])
}

/**
 * socket(2) and bind(2) at a path. Throws an error with `code`.
 */
export function unixBinder(
  libc: Koffi.LibraryHandle,
  checked: Checked,
  type: keyof typeof types,
): (path: string) => number {
  const socket: SocketCall = libc.func(socketPrototype)
  const bind: (fd: number, address: Buffer, length: number) => number = libc.func(
    'int bind(int fd, void *address, int length)',
  )
  return (path) => {
    const fd = checked('socket', socket(unixFamily, types[type], 0))
    const address = unixAddress({ name: path, abstract: false })
    try {
      checked('bind', bind(fd, address, address.length))
      return fd
    } catch (error) {
      closeSync(fd)
      throw error
    }
  }
}

/** Sends one datagram without blocking (connect(2), send(2)). */
export function datagramSender(
  libc: Koffi.LibraryHandle,
  checked: Checked,
): (address: UnixAddress, text: string) => void {
  const socket: SocketCall = libc.func(socketPrototype)
  const connect: (fd: number, address: Buffer, length: number) => number = libc.func(
    'int connect(int fd, void *address, int length)',
  )
  const send: (fd: number, data: Buffer, size: number, flags: number) => number = libc.func(
    'long send(int fd, void *data, size_t size, int flags)',
  )
  return (to, text) => {
    const fd = checked('socket', socket(unixFamily, types.datagram, 0))
    const [data, address] = [Buffer.from(text), unixAddress(to)]
    try {
      checked('connect', connect(fd, address, address.length))
      checked('send', send(fd, data, data.length, withoutBlocking))
    } finally {
      closeSync(fd)
    }
  }
}
