// Runs in a worker: what of the bytes written to a socket has left this process. Node has public figures only
// for what JavaScript holds; what libuv holds, because the buffer of the kernel is full, shows on the handle
// that Node keeps to itself (lib/net.js).

import type { Socket } from 'node:net'
import type { NativeCalls } from './native.ts'

interface Figures {
  /** What libuv has taken over. */
  readonly bytesWritten: number
  /** What of it the kernel has not taken yet. */
  readonly writeQueueSize: number
}

interface Handle extends Figures {
  readonly fd: number
}

/** A socket that is not one of the system has its figures here. */
export const figuresKey = Symbol('tsgun.figures')

type Counted = Socket & { readonly [figuresKey]?: Figures }

/** Returns undefined for a socket that is destroyed or not of the system, and if Node has no such handle. */
function handleOf(socket: Socket): Handle | undefined {
  const handle: unknown = Reflect.get(socket, '_handle')
  if (typeof handle !== 'object' || handle === null) return undefined
  const names: readonly (keyof Handle)[] = ['fd', 'bytesWritten', 'writeQueueSize']
  return names.every((name) => typeof Reflect.get(handle, name) === 'number') ? (handle as Handle) : undefined
}

function figuresOf(socket: Counted): Figures | undefined {
  return socket[figuresKey] ?? handleOf(socket)
}

/** Whether the other end has closed its side, read or not. `readableEnded` is true only when all was read. */
export function hasEnd(socket: Socket): boolean {
  const state: unknown = Reflect.get(socket, '_readableState')
  return typeof state === 'object' && state !== null && Reflect.get(state, 'ended') === true
}

/** The bytes that libuv has taken over, sent or not. */
export function bytesWritten(socket: Socket): number {
  return figuresOf(socket)?.bytesWritten ?? 0
}

/** The bytes that have left this process. */
export function bytesSent(socket: Socket): number {
  const figures = figuresOf(socket)
  return figures ? figures.bytesWritten - figures.writeQueueSize : 0
}

/** The bytes that were written to the socket and are still in this process. */
export function bytesUnsent(socket: Socket): number {
  return figuresOf(socket) ? socket.bytesWritten - bytesSent(socket) : 0
}

/**
 * The same as `bytesSent` after a write has failed, when libuv has dropped its figures. Undefined where the
 * kernel does not say.
 */
export function bytesSentToKernel(
  socket: Socket,
  calls: Pick<NativeCalls, 'sentBytes'> | undefined,
): number | undefined {
  const handle = handleOf(socket)
  if (handle === undefined || isTls(socket)) return undefined
  return calls?.sentBytes?.(handle.fd)
}

/** By a method: `encrypted` is set on other sockets too, when a proxy in front has used TLS. */
export function isTls(socket: Socket): boolean {
  return Reflect.has(socket, 'getPeerCertificate')
}
