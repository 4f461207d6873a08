// Sockets that are bound but never accepted on. Node has no public call for that before 26.4
// (net.BoundSocket), so this file uses the one that node:cluster uses for its shared handles
// (lib/internal/cluster/shared_handle.js). Nothing else touches it.

import { closeSync, fstatSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { getSystemErrorName } from 'node:util'
import type { NativeCalls } from './native.ts'

/** A descriptor that this process owns, with the address the kernel gave it. */
export interface SocketHandle {
  readonly fd: number
  readonly name: { readonly address?: string; readonly port?: number }
  close(): void
}

interface RawHandle {
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
  /** Whether a wildcard of IPv6 leaves IPv4 to another socket. */
  readonly onlyItsFamily: boolean
}

/** bind(2) for TCP. Throws an error with `code`, such as EADDRINUSE. */
export function bindTcp({ host, port, family, onlyItsFamily }: TcpPlace): SocketHandle {
  return open('bind', host, port, family, undefined, onlyItsFamily && family === 6 ? ipv6Only : 0)
}

/**
 * bind(2) for a unix socket: the file is made with the umask of this process. Who calls it removes the file.
 */
export function bindUnix(path: string, native: NativeCalls | undefined): SocketHandle {
  if (native?.bindUnix === undefined) return open('bind', path, -1, -1)
  const fd = native.bindUnix(path)
  return { fd, name: {}, close: () => closeSync(fd) }
}

/**
 * Takes over a socket that this process was started with. Throws EBADF when there is no such descriptor,
 * ENOTSOCK when it is no socket.
 */
export function adoptDescriptor(fd: number): SocketHandle {
  if (!fstatSync(fd).isSocket()) throw Object.assign(new Error('ENOTSOCK'), { code: 'ENOTSOCK' })
  // Node asserts that an adopted descriptor comes with neither address nor port
  return open('open', null, 0, -1, fd)
}

/**
 * The path of a unix socket, by its inode (proc_net(5)). Undefined for any other descriptor, and where there
 * is no such list.
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
    return undefined // no such descriptor, which its adoption tells; or no such file
  }
}

function open(call: string, ...place: HandlePlace): SocketHandle {
  const create: unknown = Reflect.get(net, '_createServerHandle')
  if (typeof create !== 'function')
    throw new Error(`this Node.js (${process.version}) has no net._createServerHandle`)
  // The one cast of this seam: the private function's shape, tried on Node 20 to 26 by the process tests.
  const handle = (create as CreateServerHandle)(...place)
  if (typeof handle === 'number') throw systemError(call, handle)
  try {
    return { fd: handle.fd, name: socketName(handle), close: () => handle.close() }
  } catch (error) {
    handle.close()
    throw error
  }
}

/** libuv keeps an EADDRINUSE of bind(2) back until the next call on the handle: this call brings it out. */
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
