// Sends a frame in one system call where the kernel takes it (writev). Both processes.

import type { Socket } from 'node:net'
import type { Outgoing } from './value-writer.ts'

/** Returns false when the socket has more unsent bytes than it should, as `write` does. */
export function send(socket: Socket, { head, chunks }: Outgoing): boolean {
  if (chunks.length === 0) return socket.write(head)
  socket.cork()
  let hasRoom = socket.write(head)
  for (const { buffer, byteOffset, byteLength } of chunks)
    hasRoom = socket.write(new Uint8Array(buffer, byteOffset, byteLength))
  socket.uncork()
  return hasRoom
}
