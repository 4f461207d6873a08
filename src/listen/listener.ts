// Runs in the arbiter: binds every address once, before the first worker exists, and never accepts. Workers inherit the descriptors,
// so the sockets outlive each of them, and a connection made while no worker lives waits in the backlog.

import { lookup } from 'node:dns/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { adoptDescriptor, bindTcp } from '../os/handles.ts'
import type { SocketHandle } from '../os/handles.ts'
import { addressUrl } from './address.ts'
import type { Address } from './address.ts'
import { BindError, codeOf, explain } from './bind-error.ts'
import { bindUnixPath } from './unix-socket.ts'
import type { UnixOptions } from './unix-socket.ts'

export interface Listener {
  /** With the port that the kernel chose. */
  readonly address: Address
  readonly url: string
  readonly fd: number
  /** Closes this process's descriptor and removes the file of a unix socket that it made. A second call does nothing. */
  close(): void
}

export interface BindOptions extends UnixOptions {
  readonly backlog: number
  /** Called before each new try for an address in use. */
  readonly onRetry: (address: Address, triesLeft: number) => void
}

/** gunicorn's: five tries, a second apart, because a server that stops may hold its port for a moment. */
const tries = 5
const retryInterval = 1000

/** Binds all, or none: on a failure what was bound is closed and removed again. */
export async function bindAll(addresses: readonly Address[], options: BindOptions): Promise<Listener[]> {
  const listeners: Listener[] = []
  try {
    for (const address of addresses) {
      listeners.push(await bindWithRetries({ address, onlyItsFamily: hasTwin(address, addresses) }, options))
    }
    return listeners
  } catch (error) {
    for (const listener of listeners) listener.close()
    throw error
  }
}

/** Linux gives `[::]` the IPv4 connections too, so that `0.0.0.0` beside it with the same port would be in use. */
function hasTwin(address: Address, addresses: readonly Address[]): boolean {
  return (
    address.kind === 'tcp' &&
    address.port !== 0 &&
    addresses.some((other) => other.kind === 'tcp' && other.port === address.port && other.host !== address.host)
  )
}

interface Wanted {
  readonly address: Address
  readonly onlyItsFamily: boolean
}

async function bindWithRetries(wanted: Wanted, options: BindOptions): Promise<Listener> {
  const { address } = wanted
  for (let left = tries - 1; ; left -= 1) {
    try {
      return await bind(wanted, options)
    } catch (error) {
      if (left === 0 || codeOf(error) !== 'EADDRINUSE') throw new BindError(explain(address, error), { cause: error })
      options.onRetry(address, left)
      await delay(retryInterval)
    }
  }
}

function bind({ address, onlyItsFamily }: Wanted, options: BindOptions): Promise<Listener> {
  if (address.kind === 'tcp') return bindHost(address, onlyItsFamily, options)
  if (address.kind === 'unix') return bindPath(address.path, options)
  return Promise.resolve(adopt(address.fd, options))
}

type TcpAddress = Extract<Address, { kind: 'tcp' }>

async function bindHost({ host, port }: TcpAddress, onlyItsFamily: boolean, options: BindOptions): Promise<Listener> {
  const { address, family } = await lookup(host)
  const handle = bindTcp({ host: address, port, family: family === 6 ? 6 : 4, onlyItsFamily })
  // The port of the handle, because 0 asks for any; the host as the user wrote it, because that is what is looked for in the log.
  return listen(handle, { kind: 'tcp', host, port: handle.name.port ?? port }, options)
}

async function bindPath(path: string, options: BindOptions): Promise<Listener> {
  const { handle, absolute, remove } = await bindUnixPath(path, options)
  return listen(handle, { kind: 'unix', path: absolute }, options, remove)
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
