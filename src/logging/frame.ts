// How whole records cross a worker's log pipe: frames of one byte for the log, four for the length, then the text of whole lines.
// The arbiter writes a frame's text to the file in one piece, so records of different workers never mix, however the pipe cuts them.

import { channels } from './channels.ts'
import type { Channel } from './channels.ts'

const headerBytes = 5

/** In the worker: one frame with `text`, which is whole lines. */
export function encodeFrame(channel: Channel, text: string): Buffer {
  const size = Buffer.byteLength(text)
  const frame = Buffer.allocUnsafe(headerBytes + size)
  frame.writeUInt8(channels.indexOf(channel), 0)
  frame.writeUInt32LE(size, 1)
  frame.write(text, headerBytes)
  return frame
}

export type OnRecords = (channel: Channel, lines: Buffer) => void

/** In the arbiter: one for each worker's pipe. */
export class FrameReader {
  readonly #onRecords: OnRecords
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** How many bytes the frame at the front needs before it is worth looking at it again. */
  #wanted = headerBytes

  constructor(onRecords: OnRecords) {
    this.#onRecords = onRecords
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes >= this.#wanted) this.#keep(this.#readFrames(Buffer.concat(this.#pending)))
  }

  /** The pipe is at its end: a frame that its worker could not finish still gives the lines that are whole. */
  end(): void {
    const rest = Buffer.concat(this.#pending)
    this.#keep(Buffer.alloc(0))
    const lastLine = rest.lastIndexOf('\n') + 1
    const channel = rest.length > headerBytes ? channels[rest.readUInt8(0)] : undefined
    if (channel !== undefined && lastLine > headerBytes) this.#onRecords(channel, rest.subarray(headerBytes, lastLine))
  }

  /** Hands on every whole frame and answers what is left. */
  #readFrames(bytes: Buffer): Buffer {
    let offset = 0
    while (bytes.length - offset >= headerBytes) {
      const end = offset + headerBytes + bytes.readUInt32LE(offset + 1)
      if (bytes.length < end) break
      const channel = channels[bytes.readUInt8(offset)]
      if (channel !== undefined) this.#onRecords(channel, bytes.subarray(offset + headerBytes, end))
      offset = end
    }
    return bytes.subarray(offset)
  }

  #keep(rest: Buffer): void {
    this.#pending = rest.length > 0 ? [rest] : []
    this.#pendingBytes = rest.length
    this.#wanted = rest.length >= headerBytes ? headerBytes + rest.readUInt32LE(1) : headerBytes
  }
}
