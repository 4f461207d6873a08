// Sockets that are bound but never accepted on. Node has no public call for that before 26.4 (net.BoundSocket), so this file uses
// the one that node:cluster uses for its shared handles (lib/internal/cluster/shared_handle.js). Nothing else touches it.

import net from 'node:net'
import { getSystemErrorName } from 'node:util'

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

type CreateServerHandle = (address: string | null, port: number, addressType: number, fd?: number) => RawHandle | number

/** bind(2) for TCP; `family` is 4 or 6. Throws an error with `code`, such as EADDRINUSE. */
export function bindTcp(host: string, port: number, family: 4 | 6): SocketHandle {
  return open('bind', host, port, family)
}

/** bind(2) for a unix socket: the file is made with the umask of this process. */
export function bindUnix(path: string): SocketHandle {
  return open('bind', path, -1, -1)
}

/** Takes over a socket that this process was started with. */
export function adoptDescriptor(fd: number): SocketHandle {
  return open('open', null, -1, -1, fd)
}

function open(call: string, ...parameters: Parameters<CreateServerHandle>): SocketHandle {
  const create: unknown = Reflect.get(net, '_createServerHandle')
  if (typeof create !== 'function') throw new Error(`this Node.js (${process.version}) has no net._createServerHandle`)
  // The one cast of this seam: the private function's shape, tried on Node 20 to 26 by the process tests.
  const handle = (create as CreateServerHandle)(...parameters)
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
