// Runs in the arbiter: binds every address once, before the first worker exists, and never accepts. Workers inherit the descriptors,
// so the sockets outlive each of them, and a connection made while no worker lives waits in the backlog.

import { lookup } from 'node:dns/promises'
import { chownSync, lstatSync, unlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { adoptDescriptor, bindTcp, bindUnix } from '../os/handles.ts'
import type { SocketHandle } from '../os/handles.ts'
import type { NativeCalls } from '../os/native.ts'
import { addressUrl, formatAddress } from './address.ts'
import type { Address } from './address.ts'

export interface Listener {
  /** With the port that the kernel chose. */
  readonly address: Address
  readonly url: string
  readonly fd: number
  /** Closes this process's descriptor and removes the file of a unix socket that it made. A second call does nothing. */
  close(): void
}

export interface BindOptions {
  readonly backlog: number
  readonly umask: number
  /** Who owns the unix sockets, if not this process's user. */
  readonly owner: { readonly uid: number | undefined; readonly gid: number | undefined }
  readonly native: NativeCalls | undefined
  /** Called before each new try for an address in use. */
  readonly onRetry: (address: Address, triesLeft: number) => void
}

/** gunicorn's: five tries, a second apart, because a server that stops may hold its port for a moment. */
const tries = 5
const retryInterval = 1000

/** An address that cannot be bound, said for a person. */
export class BindError extends Error {
  override readonly name = 'BindError'
}

/** Binds all, or none: on a failure what was bound is closed and removed again. */
export async function bindAll(addresses: readonly Address[], options: BindOptions): Promise<Listener[]> {
  const listeners: Listener[] = []
  try {
    for (const address of addresses) listeners.push(await bindWithRetries(address, options))
    return listeners
  } catch (error) {
    for (const listener of listeners) listener.close()
    throw error
  }
}

async function bindWithRetries(address: Address, options: BindOptions): Promise<Listener> {
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await bind(address, options)
    } catch (error) {
      if (left === 0 || codeOf(error) !== 'EADDRINUSE') throw new BindError(explain(address, error), { cause: error })
      options.onRetry(address, left)
      await delay(retryInterval)
    }
  }
}

function bind(address: Address, options: BindOptions): Promise<Listener> {
  if (address.kind === 'tcp') return bindHost(address.host, address.port, options)
  if (address.kind === 'unix') return bindPath(address.path, options)
  return Promise.resolve(adopt(address.fd, options))
}

async function bindHost(host: string, port: number, options: BindOptions): Promise<Listener> {
  const { address, family } = await lookup(host)
  const handle = bindTcp(address, port, family === 6 ? 6 : 4)
  // The port of the handle, because 0 asks for any; the host as the user wrote it, because that is what is looked for in the log.
  return listen(handle, { kind: 'tcp', host, port: handle.name.port ?? port }, options)
}

async function bindPath(path: string, options: BindOptions): Promise<Listener> {
  await removeStaleSocket(path)
  const before = process.umask(options.umask)
  let handle: SocketHandle
  try {
    handle = bindUnix(path)
  } finally {
    process.umask(before)
  }
  const { uid = -1, gid = -1 } = options.owner
  if (uid !== -1 || gid !== -1) chownSync(path, uid, gid)
  const made = lstatSync(path).ino
  return listen(handle, { kind: 'unix', path }, options, () => removeOwnSocket(path, made))
}

function adopt(fd: number, options: BindOptions): Listener {
  const handle = adoptDescriptor(fd)
  const { address: host, port } = handle.name
  return listen(handle, host === undefined || port === undefined ? { kind: 'fd', fd } : { kind: 'tcp', host, port }, options)
}

function listen(
  handle: SocketHandle,
  address: Address,
  { native, backlog }: BindOptions,
  onClose = (): void => undefined,
): Listener {
  try {
    native?.listen(handle.fd, backlog) // without it the socket refuses until the first worker listens
  } catch (error) {
    handle.close()
    onClose()
    throw error
  }
  let open = true
  const close = (): void => {
    if (!open) return
    open = false
    handle.close()
    onClose()
  }
  return { address, url: addressUrl(address), fd: handle.fd, close }
}

/** A socket that nobody answers on is left over from a server that was killed. Anything else at the path is not ours to remove. */
async function removeStaleSocket(path: string): Promise<void> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return
  if (!stat.isSocket()) throw new Error('there is a file at this path that is no socket; remove it or choose another path')
  if (await answers(path)) throw Object.assign(new Error('another server answers on this socket'), { code: 'EADDRINUSE' })
  unlinkSync(path)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path)
    socket
      .once('connect', () => resolve(true))
      .once('error', (error) => (codeOf(error) === 'ECONNREFUSED' ? resolve(false) : reject(error)))
    socket.once('connect', () => socket.destroy())
  })
}

/** Another server may have put its own socket there meanwhile: that one stays. */
function removeOwnSocket(path: string, inode: number): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) unlinkSync(path)
}

const explanations: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use by another process; stop that one or choose another address (`ss -ltnp` shows who listens)',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES:
    'permission denied; a port below 1024 needs root or CAP_NET_BIND_SERVICE, a unix socket a directory that can be written',
  ENOTFOUND: 'the host name is not known',
  ENOENT: 'the directory of the socket does not exist',
  EBADF: 'there is no open descriptor with this number',
  EINVAL: 'it is not a socket that can listen',
  ENOTSOCK: 'the descriptor is not a socket',
}

function explain(address: Address, error: unknown): string {
  const known = explanations[codeOf(error) ?? '']
  return `cannot listen on ${formatAddress(address)}: ${known ?? (error instanceof Error ? error.message : String(error))}`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
