// Runs in a worker. Node makes a pipe on standard output non-blocking: what a full pipe does not accept is
// kept in memory and lost at process.exit, and a child that inherits the pipe fails with EAGAIN
// (https://github.com/nodejs/node/issues/784). Here a write blocks until the arbiter has read it, as a write
// to a file blocks until the disk has it.

import { isObject } from '../type-checks.ts'

/** Makes writes to a standard stream of this process block until the other end has read them. */
export function waitForWrites(stream: NodeJS.WriteStream): void {
  // absent when the stream is a file, which blocks in any case
  const handle: unknown = Reflect.get(stream, '_handle')
  if (!stream.isTTY && canBlock(handle)) handle.setBlocking(true)
}

function canBlock(handle: unknown): handle is { setBlocking(blocking: boolean): number } {
  return isObject(handle) && typeof handle['setBlocking'] === 'function'
}
