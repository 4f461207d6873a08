// The frame format of a worker's log pipe: three mark bytes that never occur in text, one byte for the log,
// four for the length, then whole lines of text. The arbiter writes the text of a frame to the log in one
// piece, so records of different workers never mix, wherever the pipe splits them. An app can also write to
// the descriptor (number 4): bytes that are not a frame are skipped, and all frames around them are read.

import { logNames, type LogName } from '../log-names.ts'

/** Never in UTF-8 or ASCII text, so the next frame can be found after other bytes. */
const mark = Buffer.from([0xff, 0xfe, 0xf5])
const headerBytes = mark.length + 5
/** Maximum bytes of text in a frame. A header with a larger length is invalid. */
export const longestFrame = 4 * 1_048_576
const newline = 10
/** The size of one read by the arbiter (libuv reads 64 KiB): a frame that arrives whole is not copied. */
const builderBytes = 65_536
/** Characters gathered before they are encoded: cheaper than encoding each line, or a whole frame. */
const batchLength = 4096

/**
 * Access lines are ASCII, which V8 encodes faster as latin1. A UTF-16 unit takes at most 3 bytes in UTF-8.
 */
const encodings = {
  access: { name: 'latin1', bytesPerUnit: 1 },
  error: { name: 'utf8', bytesPerUnit: 3 },
  app: { name: 'utf8', bytesPerUnit: 3 },
} as const satisfies Record<LogName, { readonly name: BufferEncoding; readonly bytesPerUnit: number }>

/** In the worker: gathers lines of one log into a frame, in a buffer that is reused for the next frame. */
export class FrameBuilder {
  readonly #encoding: (typeof encodings)[LogName]
  readonly #bytes = Buffer.allocUnsafeSlow(builderBytes)
  #end = headerBytes
  #text = ''
  /** Number of lines gathered. */
  lines = 0

  constructor(log: LogName) {
    this.#encoding = encodings[log]
    mark.copy(this.#bytes)
    this.#bytes.writeUInt8(logNames.indexOf(log), mark.length)
  }

  /** Returns false, and does not take the line, when it may not fit. */
  append(line: string): boolean {
    const length = this.#text.length + line.length
    if (length * this.#encoding.bytesPerUnit > builderBytes - this.#end) return false
    this.#text += line
    this.lines += 1
    if (length >= batchLength) this.#encode()
    return true
  }

  /** Returns the frame, which is valid until the next `append`. */
  take(): Buffer {
    this.#encode()
    const frame = this.#bytes.subarray(0, this.#end)
    frame.writeUInt32LE(this.#end - headerBytes, mark.length + 1)
    this.#end = headerBytes
    this.lines = 0
    return frame
  }

  #encode(): void {
    this.#end += this.#bytes.write(this.#text, this.#end, this.#encoding.name)
    this.#text = ''
  }
}

/** In the worker: a frame for one line that is too long to gather; undefined beyond `longestFrame`. */
export function encodeFrame(log: LogName, line: string): Buffer | undefined {
  const encoding = encodings[log].name
  const size = Buffer.byteLength(line, encoding)
  if (size > longestFrame) return undefined
  const frame = Buffer.allocUnsafe(headerBytes + size)
  mark.copy(frame)
  frame.writeUInt8(logNames.indexOf(log), mark.length)
  frame.writeUInt32LE(size, mark.length + 1)
  frame.write(line, headerBytes, encoding)
  return frame
}

export interface FrameHandlers {
  onRecords(log: LogName, lines: Buffer): void
  /** This many consecutive bytes were not a frame. */
  onGarbage(bytes: number): void
}

/** In the arbiter: one for each worker's pipe. */
export class FrameReader {
  readonly #handlers: FrameHandlers
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** Bytes needed before the next frame can be read. */
  #wanted = headerBytes
  #skipped = 0

  constructor(handlers: FrameHandlers) {
    this.#handlers = handlers
  }

  push(chunk: Buffer): void {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes >= this.#wanted)
      this.#keep(this.#readFrames(this.#pendingBytes === chunk.length ? chunk : Buffer.concat(this.#pending)))
  }

  /** The pipe has ended: the whole lines of an unfinished last frame are still passed on. */
  end(): void {
    const rest = Buffer.concat(this.#pending)
    this.#keep(Buffer.alloc(0))
    const header = readHeader(rest, 0)
    const lastLine = rest.lastIndexOf(newline) + 1
    if (header !== undefined && lastLine > headerBytes)
      this.#handlers.onRecords(header.log, rest.subarray(headerBytes, lastLine))
    else this.#skipped += rest.length
    this.#reportSkipped()
  }

  /** Passes on every whole frame and returns the remaining bytes. */
  #readFrames(bytes: Buffer): Buffer {
    let offset = 0
    while (bytes.length - offset >= headerBytes) {
      const header = readHeader(bytes, offset)
      if (header === undefined) {
        const next = nextMark(bytes, offset + 1)
        this.#skipped += next - offset
        offset = next
        continue
      }
      const end = offset + headerBytes + header.size
      if (bytes.length < end) break
      this.#reportSkipped()
      this.#passOn(header.log, bytes.subarray(offset + headerBytes, end))
      offset = end
    }
    return bytes.subarray(offset)
  }

  /** If the app wrote into the middle of a frame, its end is missing: a newline keeps the lines whole. */
  #passOn(log: LogName, lines: Buffer): void {
    const whole = lines.at(-1) === newline
    this.#handlers.onRecords(log, whole ? lines : Buffer.concat([lines, Buffer.of(newline)]))
  }

  #reportSkipped(): void {
    if (this.#skipped === 0) return
    this.#handlers.onGarbage(this.#skipped)
    this.#skipped = 0
  }

  #keep(rest: Buffer): void {
    this.#pending = rest.length > 0 ? [rest] : []
    this.#pendingBytes = rest.length
    this.#wanted = headerBytes + (readHeader(rest, 0)?.size ?? 0)
  }
}

interface Header {
  readonly log: LogName
  readonly size: number
}

function readHeader(bytes: Buffer, offset: number): Header | undefined {
  if (bytes.length - offset < headerBytes || !startsWithMark(bytes, offset)) return undefined
  const log = logNames[bytes.readUInt8(offset + mark.length)]
  const size = bytes.readUInt32LE(offset + mark.length + 1)
  return log === undefined || size === 0 || size > longestFrame ? undefined : { log, size }
}

function startsWithMark(bytes: Buffer, offset: number): boolean {
  return mark.every((byte, index) => bytes[offset + index] === byte)
}

/** Returns where a frame may start; the last bytes may be the start of a mark. */
function nextMark(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(mark, from)
  return found === -1 ? Math.max(from, bytes.length - mark.length + 1) : found
}
