// How whole records cross a worker's log pipe: frames of one byte for the log, four for the length, then the text of whole lines.
// The arbiter writes a frame's text to the file in one piece, so records of different workers never mix, however the pipe cuts them.

import { channels } from './channels.ts'
import type { Channel } from './channels.ts'

const headerBytes = 5
/** What one read of the arbiter takes (libuv asks for 64 KiB): a frame that came whole is handed on without a copy. */
const builderBytes = 65_536
/** Characters that gather as a string: encoding some lines at a time costs less than each alone, or all of a frame. */
const batchLength = 4096

/** Access lines are ASCII, which V8 encodes faster as latin1; a UTF-16 unit never takes more than three bytes in UTF-8. */
const encodings = {
  access: { name: 'latin1', bytesPerUnit: 1 },
  error: { name: 'utf8', bytesPerUnit: 3 },
  app: { name: 'utf8', bytesPerUnit: 3 },
} as const satisfies Record<Channel, { readonly name: BufferEncoding; readonly bytesPerUnit: number }>

/** In the worker: gathers the lines of one log into a frame, in a buffer that is used again for the next one. */
export class FrameBuilder {
  readonly #encoding: (typeof encodings)[Channel]
  readonly #bytes = Buffer.allocUnsafeSlow(builderBytes)
  #end = headerBytes
  #text = ''
  /** How many lines have gathered. */
  lines = 0

  constructor(channel: Channel) {
    this.#encoding = encodings[channel]
    this.#bytes.writeUInt8(channels.indexOf(channel), 0)
  }

  /** False when the line may not fit any more. */
  append(line: string): boolean {
    const length = this.#text.length + line.length
    if (length * this.#encoding.bytesPerUnit > builderBytes - this.#end) return false
    this.#text += line
    this.lines += 1
    if (length >= batchLength) this.#encode()
    return true
  }

  /** The frame, which is good until the next `append`. */
  take(): Buffer {
    this.#encode()
    const frame = this.#bytes.subarray(0, this.#end)
    frame.writeUInt32LE(this.#end - headerBytes, 1)
    this.#end = headerBytes
    this.lines = 0
    return frame
  }

  #encode(): void {
    this.#end += this.#bytes.write(this.#text, this.#end, this.#encoding.name)
    this.#text = ''
  }
}

/** In the worker: a frame for one line that is too long to gather. */
export function encodeFrame(channel: Channel, line: string): Buffer {
  const encoding = encodings[channel].name
  const size = Buffer.byteLength(line, encoding)
  const frame = Buffer.allocUnsafe(headerBytes + size)
  frame.writeUInt8(channels.indexOf(channel), 0)
  frame.writeUInt32LE(size, 1)
  frame.write(line, headerBytes, encoding)
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
    if (this.#pendingBytes >= this.#wanted)
      this.#keep(this.#readFrames(this.#pendingBytes === chunk.length ? chunk : Buffer.concat(this.#pending)))
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
