// Runs in a worker: how much of what a connection has received was the header of the PROXY protocol, to know
// whether the client itself has sent anything.

import type { Socket } from 'node:net'

const lengthKey = Symbol('tsgun.proxy_header')

export function noteHeaderLength(socket: Socket, length: number): void {
  Reflect.set(socket, lengthKey, length)
}

/** Whether the client has connected and not sent a byte yet. */
export function isSilent(socket: Pick<Socket, 'bytesRead'> & { readonly [lengthKey]?: number }): boolean {
  return socket.bytesRead === (socket[lengthKey] ?? 0)
}
