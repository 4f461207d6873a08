// Runs in a worker: connections that close before all that was written to them has left this process. On Node
// 20 and 22 a response counts as finished then (`writableFinished`), although its client has a part of it.

import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { bytesSent, bytesSentToKernel, bytesUnsent } from '../../os/system/socket-figures.ts'
import type { NativeCalls } from '../../os/system/native.ts'

const brokenKey = Symbol('tsgun.broken_off')

interface WatchedSocket extends Socket {
  [brokenKey]?: boolean
}

/**
 * Called when the client has ended its side, and before the connection is destroyed. `sent`: how many bytes
 * have left on this connection, head and body of all responses; undefined if that is unknown by now.
 */
export type OnEnding = (socket: Socket, sent: number | undefined) => void

export type EndingCalls = Pick<NativeCalls, 'sentBytes'>

export function watchEnding(socket: WatchedSocket, onEnding: OnEnding, calls?: EndingCalls): void {
  socket.on('end', () => onEnding(socket, bytesSent(socket)))
  // How a stream lets its owner see its destruction, before the descriptor is closed.
  const inherited: (...parameters: Parameters<Socket['_destroy']>) => void = Reflect.get(socket, '_destroy')
  socket._destroy = (error, callback) => {
    const hasFailed = error ? Reflect.get(error, 'syscall') === 'write' : false
    if (hasFailed || bytesUnsent(socket) > 0) {
      socket[brokenKey] = true
      onEnding(socket, hasFailed ? bytesSentToKernel(socket, calls) : bytesSent(socket))
    }
    Reflect.apply(inherited, socket, [error, callback])
  }
}

const isMistaken = Number.parseInt(process.versions.node, 10) < 24

/** Whether the whole response has left this process. */
export function wasSent(response: ServerResponse): boolean {
  if (!isMistaken || !response.writableFinished) return response.writableFinished
  const socket: WatchedSocket = response.req.socket
  return !socket.destroyed || socket[brokenKey] !== true
}
