// Runs in a thread that serves: what it prints. Node.js sends it to the main thread in pieces, each when the
// main thread has asked for it, so that a thread which is stuck or terminated would lose the rest. Here it is
// posted at once, and a thread that prints faster than the arbiter reads waits, as a process does.

import type { FromThread } from './messages.ts'
import { Unwritten } from './unwritten.ts'

type Print = Extract<FromThread, { kind: 'print' }>
type Done = (error?: Error | null) => void

/** Bytes that the main thread may have to write. */
const most = 1_048_576
/** Milliseconds between two looks whether it has written some. */
const pause = 4

/** `memory`: that of `Unwritten`. */
export function postOutput(post: (print: Print) => void, memory: SharedArrayBuffer): void {
  const unwritten = new Unwritten(memory)
  const sleeper = new Int32Array(new SharedArrayBuffer(4))
  const print = (stream: Print['stream'], chunk: Uint8Array): void => {
    while (unwritten.bytes > most) Atomics.wait(sleeper, 0, 0, pause)
    unwritten.add(chunk.length)
    post({ kind: 'print', stream, chunk: new Uint8Array(chunk) }) // a copy: a buffer of the pool is larger
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    const write = (chunk: string | Uint8Array, encoding: BufferEncoding, done: Done): void => {
      print(stream, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk)
      done()
    }
    // its own methods of a stream (https://nodejs.org/api/stream.html#implementing-a-writable-stream)
    Object.assign(process[stream], { _write: write, _writev: null })
  }
}
