// Runs in the arbiter: one listening socket. The arbiter binds it once and never accepts; workers inherit the
// descriptor, so the socket outlives each worker, and a connection made while no worker is running waits in
// the backlog.

import { linkSync, renameSync, rmSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { hasCode } from '../os/error-code.ts'
import { adoptDescriptor, bindTcp, type SocketHandle } from '../os/system/handles.ts'
import { addressUrl, type Address } from './address.ts'
import { bindUnixPath, removeOwnSocket, type MadeFile, type UnixOptions } from './unix-socket.ts'

export interface Listener {
  /** The normalized address of `bind`, which identifies the socket. */
  readonly requested: string
  /** With the port that the kernel has chosen, if `bind` has port 0. */
  readonly address: Address
  readonly url: string
  readonly fd: number
  /** The file of a unix socket that this server, or the old arbiter of an upgrade, has made. */
  readonly file: MadeFile | undefined
  /** Opened by another program, which may still use it: it is neither blocked nor removed. */
  readonly foreign: boolean
  /** Its name among the sockets that systemd opened; undefined when systemd did not open it. */
  readonly activation: string | undefined
  /**
   * Blocks new connections without refusing them, until `unhold` or `close`. Established connections are not
   * reset.
   */
  hold(): void
  unhold(): void
  /** Closes this process's descriptor, and removes the file unless it is kept. A second call does nothing. */
  close(how: { readonly keepFile: boolean }): void
}

export interface ListenOptions extends UnixOptions {
  readonly backlog: number
}

/** What is known about a socket besides its handle. */
type ListenerFacts = Pick<Listener, 'requested' | 'address'> &
  Partial<Pick<Listener, 'file' | 'foreign' | 'activation'>>

/** A socket that this process was started with, by systemd or by the old arbiter of an upgrade. */
export interface InheritedSocket extends Pick<Listener, 'requested' | 'file' | 'foreign' | 'activation'> {
  readonly fd: number
  /** Undefined: the address that the kernel reports for the descriptor. */
  readonly address: Address | undefined
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>

/** Binds a host and port. `onlyItsFamily`: an IPv6 wildcard leaves IPv4 to another socket. */
export async function bindHost(
  requested: string,
  { host, port }: TcpAddress,
  onlyItsFamily: boolean,
  options: ListenOptions,
): Promise<Listener> {
  const { address, family } = await lookup(host)
  const handle = bindTcp({ host: address, port, family: family === 6 ? 6 : 4, onlyItsFamily })
  // The port of the handle, because 0 requests any; the host as the user wrote it, to be found in the log.
  return listen(
    handle,
    { requested, address: { kind: 'tcp', host, port: handle.name.port ?? port } },
    options,
  )
}

export async function bindPath(requested: string, path: string, options: ListenOptions): Promise<Listener> {
  const { handle, file } = await bindUnixPath(path, options)
  return listen(handle, { requested, address: { kind: 'unix', path: file.path }, file }, options)
}

/** Takes over a descriptor that this process was started with. */
export function adopt(socket: InheritedSocket, options: ListenOptions): Listener {
  const handle = adoptDescriptor(socket.fd)
  const { address: host, port } = handle.name
  const own: Address =
    host === undefined || port === undefined ? { kind: 'fd', fd: socket.fd } : { kind: 'tcp', host, port }
  return listen(handle, { ...socket, address: socket.address ?? own }, options)
}

function listen(handle: SocketHandle, facts: ListenerFacts, { native, backlog }: ListenOptions): Listener {
  const { requested, address, file, foreign = false, activation } = facts
  try {
    native?.listen(handle.fd, backlog) // without koffi, it refuses until the first worker listens
  } catch (error) {
    handle.close()
    if (file && !foreign) removeOwnSocket(file)
    throw error
  }
  const connections = newConnections({ address, file, foreign, fd: handle.fd }, native)
  let isOpen = true
  return {
    requested,
    address,
    file,
    foreign,
    activation,
    url: addressUrl(address),
    fd: handle.fd,
    hold: () => connections.block(),
    unhold: () => connections.allow(),
    close({ keepFile }) {
      if (!isOpen) return
      isOpen = false
      if (keepFile) connections.allow()
      handle.close() // with new connections still blocked: one made at this moment would be reset
      if (keepFile) return
      connections.removeMovedFile()
      if (file) removeOwnSocket(file)
    },
  }
}

/** Blocks and allows new connections to a socket. */
interface NewConnections {
  block(): void
  allow(): void
  /** After the socket is closed: removes the file that `block` has moved. */
  removeMovedFile(): void
}

/** Where the system cannot block them they stay allowed. */
function newConnections(
  { address, file, foreign, fd }: Pick<Listener, 'address' | 'file' | 'foreign' | 'fd'>,
  native: ListenOptions['native'],
): NewConnections {
  const movedPath = file && !foreign ? `${file.path}.closing` : undefined
  let isBlocked = false
  const set = (block: boolean): void => {
    if (block === isBlocked || foreign) return
    isBlocked = block
    if (address.kind === 'tcp') native?.ignoreNewConnections?.(fd, block)
    else if (file && movedPath !== undefined) moveFile(file.path, movedPath, block)
  }
  return {
    block: () => set(true),
    allow: () => set(false),
    removeMovedFile() {
      if (isBlocked && movedPath !== undefined) rmSync(movedPath, { force: true })
    },
  }
}

/** Moves the file of a unix socket away, so that a client finds no file, as after the stop; or back. */
function moveFile(path: string, movedPath: string, away: boolean): void {
  try {
    if (away) renameSync(path, movedPath)
    else linkSync(movedPath, path) // unlike rename(2) it does not replace a file that another process made
  } catch (error) {
    // the file was removed or replaced by another process: no client can connect in any case
    if (!hasCode(error, 'ENOENT', 'EEXIST')) throw error
  }
  if (!away) rmSync(movedPath, { force: true })
}
