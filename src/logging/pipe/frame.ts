// How whole records cross a worker's log pipe: frames of three bytes that no text has, one for the log, four
// for the length, then the text of whole lines. The arbiter writes a frame's text to the file in one piece,
// so records of different workers never mix, however the pipe cuts them. An app can write to the descriptor
// too (it is number 4): what is no frame is skipped, and costs nothing but itself.

import { channels, type Channel } from '../channels.ts'

/** Neither UTF-8 nor ASCII has these bytes, so the next frame can be found after anything else. */
const mark = Buffer.from([0xff, 0xfe, 0xf5])
const headerBytes = mark.length + 5
/** Bytes of text in a frame. A length beyond it is no length. */
export const longestFrame = 4 * 1_048_576
const newline = 10
/**
 * What one read of the arbiter takes (libuv asks for 64 KiB): a frame that came whole is handed on without a
 * copy.
 */
const builderBytes = 65_536
/**
 * Characters that gather as a string: encoding some lines at a time costs less than each alone, or all of a
 * frame.
 */
const batchLength = 4096

/**
 * Access lines are ASCII, which V8 encodes faster as latin1; a UTF-16 unit never takes more than three bytes
 * in UTF-8.
 */
const encodings = {
  access: { name: 'latin1', bytesPerUnit: 1 },
  error: { name: 'utf8', bytesPerUnit: 3 },
  app: { name: 'utf8', bytesPerUnit: 3 },
} as const satisfies Record<Channel, { readonly name: BufferEncoding; readonly bytesPerUnit: number }>

/**
 * In the worker: gathers the lines of one log into a frame, in a buffer that is used again for the next one.
 */
export class FrameBuilder {
  readonly #encoding: (typeof encodings)[Channel]
  readonly #bytes = Buffer.allocUnsafeSlow(builderBytes)
  #end = headerBytes
  #text = ''
  /** How many lines have gathered. */
  lines = 0

  constructor(channel: Channel) {
    this.#encoding = encodings[channel]
    mark.copy(this.#bytes)
    this.#bytes.writeUInt8(channels.indexOf(channel), mark.length)
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

/** In the worker: a frame for one line that is too long to gather; undefined when it is too long for any. */
export function encodeFrame(channel: Channel, line: string): Buffer | undefined {
  const encoding = encodings[channel].name
  const size = Buffer.byteLength(line, encoding)
  if (size > longestFrame) return undefined
  const frame = Buffer.allocUnsafe(headerBytes + size)
  mark.copy(frame)
  frame.writeUInt8(channels.indexOf(channel), mark.length)
  frame.writeUInt32LE(size, mark.length + 1)
  frame.write(line, headerBytes, encoding)
  return frame
}

export interface FrameHandlers {
  onRecords(channel: Channel, lines: Buffer): void
  /** So many bytes in a row were no frame. */
  onGarbage(bytes: number): void
}

/** In the arbiter: one for each worker's pipe. */
export class FrameReader {
  readonly #handlers: FrameHandlers
  #pending: Buffer[] = []
  #pendingBytes = 0
  /** How many bytes there must be before it is worth looking at them again. */
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

  /**
   * The pipe is at its end: a frame that its worker could not finish still gives the lines that are whole.
   */
  end(): void {
    const rest = Buffer.concat(this.#pending)
    this.#keep(Buffer.alloc(0))
    const header = readHeader(rest, 0)
    const lastLine = rest.lastIndexOf(newline) + 1
    if (header !== undefined && lastLine > headerBytes)
      this.#handlers.onRecords(header.channel, rest.subarray(headerBytes, lastLine))
    else this.#skipped += rest.length
    this.#tellSkipped()
  }

  /** Hands on every whole frame and answers what is left. */
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
      this.#tellSkipped()
      this.#handOn(header.channel, bytes.subarray(offset + headerBytes, end))
      offset = end
    }
    return bytes.subarray(offset)
  }

  /**
   * Something that the app wrote into the middle of a frame may have taken its end: a log still gets whole
   * lines only.
   */
  #handOn(channel: Channel, lines: Buffer): void {
    const whole = lines.at(-1) === newline
    this.#handlers.onRecords(channel, whole ? lines : Buffer.concat([lines, Buffer.of(newline)]))
  }

  #tellSkipped(): void {
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
  readonly channel: Channel
  readonly size: number
}

function readHeader(bytes: Buffer, offset: number): Header | undefined {
  if (bytes.length - offset < headerBytes || !startsWithMark(bytes, offset)) return undefined
  const channel = channels[bytes.readUInt8(offset + mark.length)]
  const size = bytes.readUInt32LE(offset + mark.length + 1)
  return channel === undefined || size === 0 || size > longestFrame ? undefined : { channel, size }
}

function startsWithMark(bytes: Buffer, offset: number): boolean {
  return mark.every((byte, index) => bytes[offset + index] === byte)
}

/** Where a frame may begin; the last bytes may be the beginning of a mark. */
function nextMark(bytes: Buffer, from: number): number {
  const found = bytes.indexOf(mark, from)
  return found === -1 ? Math.max(from, bytes.length - mark.length + 1) : found
}
