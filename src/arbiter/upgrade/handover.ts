// Runs in both arbiters of an upgrade: what the old one hands to the new one, as JSON in one environment
// variable, and the one line that the new one sends back on a pipe. Everything is checked: the two may be of
// different versions.

import { parseAddress, formatAddress } from '../../listen/address.ts'
import type { Listener, InheritedSocket } from '../../listen/listener.ts'
import { arbiterDescriptors } from '../../os/process/spawn-arbiter.ts'
import type { InstanceLock } from '../services/locks.ts'
import { isObject } from '../../os/type-checks.ts'

/** The old arbiter, as the new one knows it. */
export interface Predecessor {
  readonly pid: number
  readonly tell: number
  readonly life: number
  readonly sockets: readonly InheritedSocket[]
  readonly locks: readonly InstanceLock[]
  /** Absent when it has none, or its version knows of none. */
  readonly bus: InheritedBus | undefined
}

/** The socket of the bus: the processes of both masters are on one bus. */
export interface InheritedBus {
  readonly fd: number
  readonly path: string
}

/** What the new arbiter inherits: sockets, then locks, then the socket of the bus. */
export interface Inherited {
  readonly listeners: readonly Listener[]
  readonly locks: readonly InstanceLock[]
  readonly bus?: InheritedBus | undefined
}

export function writeHandover(pid: number, { listeners, locks, bus }: Inherited): string {
  const sockets = listeners.map(({ requested, address, file, foreign, activation }, index) => {
    return {
      fd: arbiterDescriptors.firstSocket + index,
      requested,
      address: formatAddress(address),
      file,
      foreign,
      activation,
    }
  })
  const firstLock = arbiterDescriptors.firstSocket + sockets.length
  return JSON.stringify({
    pid,
    tell: arbiterDescriptors.ready,
    life: arbiterDescriptors.life,
    sockets,
    locks: locks.map(({ name }, index) => ({ name, fd: firstLock + index })),
    bus: bus && { path: bus.path, fd: firstLock + locks.length },
  })
}

/** Throws a RangeError when it is no handover of any version that is known. */
export function readHandover(text: string): Predecessor {
  // An older version has no locks and no bus.
  const { pid, tell, life, sockets, locks = [], bus } = fieldsOf(parseJson(text))
  if (
    !isNumber(pid) ||
    !isNumber(tell) ||
    !isNumber(life) ||
    !Array.isArray(sockets) ||
    !Array.isArray(locks)
  )
    throw new RangeError('it is not the handover of a tsgun master')
  return {
    pid,
    tell,
    life,
    sockets: sockets.map(readSocket),
    locks: locks.map(readLock),
    bus: readBus(bus),
  }
}

function readBus(value: unknown): InheritedBus | undefined {
  const { fd, path } = fieldsOf(value ?? {})
  return isNumber(fd) && typeof path === 'string' ? { fd, path } : undefined
}

function readSocket(value: unknown): InheritedSocket {
  const { fd, requested, address, file, foreign, activation } = fieldsOf(value)
  if (!isNumber(fd) || typeof requested !== 'string' || typeof address !== 'string')
    throw new RangeError('the description of a socket is incomplete')
  const { path, dev, ino } = fieldsOf(file ?? {})
  return {
    fd,
    requested,
    address: parseAddress(address),
    foreign: foreign === true,
    file: typeof path === 'string' && isNumber(dev) && isNumber(ino) ? { path, dev, ino } : undefined,
    activation: typeof activation === 'string' ? activation : undefined,
  }
}

function readLock(value: unknown): InstanceLock {
  const { name, fd } = fieldsOf(value)
  if (typeof name !== 'string' || !isNumber(fd))
    throw new RangeError('the description of a lock is incomplete')
  return { name, fd }
}

/** The one message of the new arbiter: that it serves, or why it does not. */
export type FirstMessage = { readonly serves: true } | { readonly failed: string }

export function readFirstMessage(line: string): FirstMessage {
  const { failed } = fieldsOf(parseJson(line))
  return typeof failed === 'string' ? { failed } : { serves: true }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RangeError('it is not JSON', { cause: error })
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {}
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value)
}
