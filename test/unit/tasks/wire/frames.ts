// Frames of tests: what is written is cut into pieces and read again.

import { FrameReader } from '../../../../src/tasks/wire/frame-reader.ts'
import type { Frame } from '../../../../src/tasks/wire/frame.ts'
import { readValue, writeValue } from '../../../../src/tasks/wire/messages.ts'
import type { Outgoing } from '../../../../src/tasks/wire/value-writer.ts'

/** The bytes as they are on the socket. */
export function bytesOf({ head, chunks }: Outgoing): Buffer {
  const views = chunks.map((each) => new Uint8Array(each.buffer, each.byteOffset, each.byteLength))
  return Buffer.concat([head, ...views])
}

/** Reads frames out of pieces, each of the size that `next` returns. */
export function readPieces(bytes: Buffer, next: () => number): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader((frame) => void frames.push(frame))
  for (let at = 0; at < bytes.length;) {
    const size = Math.max(1, next())
    // a slab of its own for each piece, as from a socket
    reader.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return frames
}

export function readWhole(bytes: Buffer): Frame[] {
  return readPieces(bytes, () => bytes.length)
}

export function roundTrip(value: unknown): unknown {
  const [frame] = readWhole(bytesOf(writeValue('result', value, 'output')))
  return frame && readValue(frame)
}
