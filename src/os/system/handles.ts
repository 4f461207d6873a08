// Runs in the arbiter: sockets that are bound but never accepted on; in a worker that gets them in messages.
// Node has no public call for that before 26.4 (net.BoundSocket), so this file, and no other, uses the
// private one of node:cluster (lib/internal/cluster/shared_handle.js).

import { closeSync, fstatSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import type { NativeCalls } from './native.ts'

/** A descriptor that this process owns, with the address that the kernel reports for it. */
export interface SocketHandle {
  readonly fd: number
  readonly name: { readonly address?: string; readonly port?: number }
  close(): void
}

/** A socket of Node without an object of `net`. */
export interface RawHandle {
  readonly fd: number
  getsockname?(out: object): number | undefined
  close(): void
}

type HandlePlace = [address: string | null, port: number, addressType: number, fd?: number, flags?: number]
type CreateServerHandle = (...place: HandlePlace) => RawHandle | number

/** UV_TCP_IPV6ONLY of libuv: the socket takes no IPv4 connections (ipv6(7), IPV6_V6ONLY). */
const ipv6Only = 1

export interface TcpPlace {
  /** An IP address. */
  readonly host: string
  readonly port: number
  readonly family: 4 | 6
  /** Whether the IPv6 wildcard address leaves IPv4 to another socket. */
  readonly onlyItsFamily: boolean
}

/** bind(2) for TCP. Throws an error with `code`, such as EADDRINUSE. */
export function bindTcp({ host, port, family, onlyItsFamily }: TcpPlace): SocketHandle {
  return open('bind', host, port, family, undefined, onlyItsFamily && family === 6 ? ipv6Only : 0)
}

/**
 * bind(2) for a unix socket: the file is created with the umask of this process. The caller removes the file.
 */
export function bindUnix(path: string, native: NativeCalls | undefined): SocketHandle {
  if (native?.bindUnix === undefined) return open('bind', path, -1, -1)
  const fd = native.bindUnix(path)
  return { fd, name: {}, close: () => closeSync(fd) }
}

/**
 * Takes over a socket that this process was started with. Throws EBADF when no such descriptor is open,
 * ENOTSOCK when it is not a socket.
 */
export function adoptDescriptor(fd: number): SocketHandle {
  if (!fstatSync(fd).isSocket()) throw Object.assign(new Error('ENOTSOCK'), { code: 'ENOTSOCK' })
  return open('open', ...adopted(fd))
}

/**
 * Returns the path of a unix socket, by its inode (proc_net(5)). Undefined for any other descriptor, and on
 * systems without /proc/net/unix.
 */
export function unixPathOf(fd: number): string | undefined {
  try {
    const inode = String(fstatSync(fd).ino)
    const rows = readFileSync('/proc/net/unix', 'utf8').split('\n')
    const row = rows
      .map((line) => line.split(' ').filter((part) => part !== ''))
      .find((parts) => parts[6] === inode)
    return row?.slice(7).join(' ') || undefined
  } catch {
    return undefined // no such descriptor: adoptDescriptor throws for it; or no such list
  }
}

/** Wraps an open descriptor, which the handle owns from now on. */
export function openRaw(fd: number): RawHandle {
  return create('open', ...adopted(fd))
}

/**
 * Takes the descriptor out of a handle that this process has received, and closes the handle. Throws for any
 * other value.
 */
export function takeDescriptor(received: unknown, { dup }: Pick<NativeCalls, 'dup'>): number {
  const handle = received as RawHandle | undefined // parse boundary: a handle of Node, checked here
  if (typeof handle?.fd !== 'number' || typeof handle.close !== 'function')
    throw new Error('a message of the master came without its socket')
  const fd = dup(handle.fd)
  handle.close()
  return fd
}

/** Node asserts that an adopted descriptor comes with neither address nor port. */
function adopted(fd: number): HandlePlace {
  return [null, 0, -1, fd]
}

function open(call: string, ...place: HandlePlace): SocketHandle {
  const handle = create(call, ...place)
  try {
    return { fd: handle.fd, name: socketName(handle), close: () => handle.close() }
  } catch (error) {
    handle.close()
    throw error
  }
}

function create(call: string, ...place: HandlePlace): RawHandle {
  const make: unknown = Reflect.get(net, '_createServerHandle')
  if (typeof make !== 'function')
    throw new Error(`this Node.js (${process.version}) has no net._createServerHandle`)
  // The type of the private function, tested on Node 20 to 26 by the process tests.
  const handle = (make as CreateServerHandle)(...place)
  if (typeof handle === 'number') throw systemError(call, handle)
  return handle
}

/** libuv delays an EADDRINUSE of bind(2) until the next call on the handle, which is this one. */
function socketName(handle: RawHandle): SocketHandle['name'] {
  const name: { address?: string; port?: number } = {}
  const error = handle.getsockname?.(name) ?? 0
  if (error < 0) throw systemError('bind', error)
  return name
}

function systemError(call: string, errno: number): NodeJS.ErrnoException {
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${call} ${code}`), { code, errno, syscall: call })
}
