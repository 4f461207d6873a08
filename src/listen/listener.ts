// Runs in the arbiter: one socket that listens. The arbiter binds it once and never accepts; workers inherit
// the descriptor, so the socket outlives each of them, and a connection made while no worker lives waits in
// the backlog.

import { linkSync, renameSync, rmSync } from 'node:fs'
import { lookup } from 'node:dns/promises'
import { adoptDescriptor, bindTcp, type SocketHandle } from '../os/system/handles.ts'
import { addressUrl, type Address } from './address.ts'
import { codeOf } from './bind-error.ts'
import { bindUnixPath, removeOwnSocket, type MadeFile, type UnixOptions } from './unix-socket.ts'

export interface Listener {
  /** The address as `bind` has it, in its one spelling: what it is known by. */
  readonly requested: string
  /** With the port that the kernel chose. */
  readonly address: Address
  readonly url: string
  readonly fd: number
  /** The file of a unix socket that this server, or the master before it, has made. */
  readonly file: MadeFile | undefined
  /** Somebody else opened it and may hold it too: it is left as it is. */
  readonly foreign: boolean
  /** Its name among the sockets that systemd opened; undefined when systemd did not open it. */
  readonly activation: string | undefined
  /**
   * Lets nobody connect any more, without a refusal, until it is closed or held no longer: who connected
   * already is not reset.
   */
  hold(): void
  unhold(): void
  /** Closes this process's descriptor, and removes the file that was made. A second call does nothing. */
  close(how: { readonly keepFile: boolean }): void
}

export interface ListenOptions extends UnixOptions {
  readonly backlog: number
}

/** What is known of a socket besides its handle. */
type ListenerFacts = Pick<Listener, 'requested' | 'address'> &
  Partial<Pick<Listener, 'file' | 'foreign' | 'activation'>>

/** A socket that this process was started with. */
export interface Found extends Pick<Listener, 'requested' | 'file' | 'foreign' | 'activation'> {
  readonly fd: number
  /** Undefined: as the descriptor itself tells. */
  readonly address: Address | undefined
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>

/** Binds a host and port. `onlyItsFamily`: IPv4 is left to another socket. */
export async function bindHost(
  requested: string,
  { host, port }: TcpAddress,
  onlyItsFamily: boolean,
  options: ListenOptions,
): Promise<Listener> {
  const { address, family } = await lookup(host)
  const handle = bindTcp({ host: address, port, family: family === 6 ? 6 : 4, onlyItsFamily })
  // The port of the handle, because 0 asks for any; the host as the user wrote it, because that is what is
  // looked for in the log.
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
export function adopt(found: Found, options: ListenOptions): Listener {
  const handle = adoptDescriptor(found.fd)
  const { address: host, port } = handle.name
  const own: Address =
    host === undefined || port === undefined ? { kind: 'fd', fd: found.fd } : { kind: 'tcp', host, port }
  return listen(handle, { ...found, address: found.address ?? own }, options)
}

function listen(handle: SocketHandle, facts: ListenerFacts, { native, backlog }: ListenOptions): Listener {
  const { requested, address, file, foreign = false, activation } = facts
  try {
    native?.listen(handle.fd, backlog) // without it the socket refuses until the first worker listens
  } catch (error) {
    handle.close()
    if (file && !foreign) removeOwnSocket(file)
    throw error
  }
  const door = doorOf({ address, file, foreign, fd: handle.fd }, native)
  let open = true
  return {
    requested,
    address,
    file,
    foreign,
    activation,
    url: addressUrl(address),
    fd: handle.fd,
    hold: () => door.set(false),
    unhold: () => door.set(true),
    close({ keepFile }) {
      if (!open) return
      open = false
      if (keepFile) door.set(true)
      handle.close() // with its door shut: whoever got in at this moment would be reset
      if (keepFile) return
      door.remove()
      if (file) removeOwnSocket(file)
    },
  }
}

/** The way to a socket. */
interface Door {
  set(open: boolean): void
  /** What a shut door has left, once the socket is closed. */
  remove(): void
}

/** Where it cannot be shut it stays open. */
function doorOf(
  { address, file, foreign, fd }: Pick<Listener, 'address' | 'file' | 'foreign' | 'fd'>,
  native: ListenOptions['native'],
): Door {
  const aside = file && !foreign ? `${file.path}.closing` : undefined
  let isOpen = true
  return {
    set(open) {
      if (open === isOpen || foreign) return
      isOpen = open
      if (address.kind === 'tcp') native?.ignoreNewConnections?.(fd, !open)
      else if (file && aside !== undefined) moveFile(file.path, aside, open)
    },
    remove() {
      if (!isOpen && aside !== undefined) rmSync(aside, { force: true })
    },
  }
}

/** The file of a unix socket is put aside: a client finds none, as after the end. */
function moveFile(path: string, aside: string, open: boolean): void {
  try {
    if (open)
      linkSync(aside, path) // unlike a rename it replaces nothing that somebody has put there meanwhile
    else renameSync(path, aside)
  } catch (error) {
    // ours is gone: nobody can connect in any case
    if (!['ENOENT', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
  }
  if (open) rmSync(aside, { force: true })
}
