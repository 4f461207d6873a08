// Runs in a worker. Node makes a pipe on standard output non-blocking: what a full pipe does not take waits
// in memory, is lost at process.exit, and a child that inherits the pipe fails with EAGAIN
// (https://github.com/nodejs/node/issues/784). Here a write waits for the arbiter, as one to a file waits for
// the disk.

/** Lets writes to a standard stream of this process wait until the other end has taken them. */
export function waitForWrites(stream: NodeJS.WriteStream): void {
  // absent when the stream is a file, which blocks in any case
  const handle: unknown = Reflect.get(stream, '_handle')
  if (!stream.isTTY && canBlock(handle)) handle.setBlocking(true)
}

function canBlock(handle: unknown): handle is { setBlocking(blocking: boolean): number } {
  return (
    typeof handle === 'object' &&
    handle !== null &&
    'setBlocking' in handle &&
    typeof handle.setBlocking === 'function'
  )
}
