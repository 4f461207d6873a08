// Runs in a worker: reads what an app writes to a socket that it has taken over with a protocol upgrade.
// There is no response object then: the head of the response is the first thing that is written.

import type { Socket } from 'node:net'

/** Calls `look` with the first chunk that is written, and restores `write` and `end` before. */
export function onFirstWrite(socket: Socket, look: (chunk: unknown) => void): void {
  const { write, end } = socket
  const seen = (chunk: unknown): void => {
    Object.assign(socket, { write, end })
    look(chunk)
  }
  // The parameters of all overloads are passed on unchanged.
  socket.write = (...parameters: readonly unknown[]): boolean => {
    seen(parameters[0])
    return Reflect.apply(write, socket, parameters) as boolean
  }
  socket.end = (...parameters: readonly unknown[]): Socket => {
    seen(parameters[0])
    return Reflect.apply(end, socket, parameters) as Socket
  }
}

/** Returns the text of a chunk; '' for what is neither a string nor bytes. */
export function textOf(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk
  return chunk instanceof Uint8Array ? Buffer.from(chunk).toString('latin1') : ''
}

/** Every WebSocket library so far writes the head in one piece. 0 when the chunk is not a response head. */
export function statusOf(head: unknown): number {
  return Number(/^HTTP\/1\.\d (\d{3})/.exec(textOf(head))?.[1] ?? 0)
}
