// HTTP/2 frame by frame (RFC 9113, 4), for what no client sends: frames, header blocks, and a client on a
// raw socket that sends any bytes and notes each frame that comes back.

import { once } from 'node:events'
import type { Socket } from 'node:net'
import tls from 'node:tls'
import { connectTo } from './http.ts'
import { eventually } from './wait.ts'

export const types = {
  data: 0,
  headers: 1,
  priority: 2,
  reset: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const

export const flags = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const

/** The settings of RFC 9113, 6.5.2. */
export const settingIds = {
  tableSize: 1,
  push: 2,
  concurrency: 3,
  window: 4,
  frameSize: 5,
  headerList: 6,
} as const

/** Error codes in their order (RFC 9113, 7). */
export const errorCodes = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
] as const

export const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

const headLength = 9

/** Text is UTF-8. */
type Bytes = Uint8Array | readonly number[] | string

const toBuffer = (bytes: Bytes): Buffer =>
  typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes)

export function frame(type: number, flag: number, stream: number, payload: Bytes = ''): Buffer {
  const bytes = toBuffer(payload)
  const head = Buffer.alloc(headLength)
  head.writeUIntBE(bytes.length, 0, 3)
  head[3] = type
  head[4] = flag
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, bytes])
}

export function uint32(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * numbers.length)
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index)
  return bytes
}

/** Pairs of a setting and its value. */
export function settings(...pairs: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = pairs.map(([id, value]) => Buffer.concat([Buffer.of(id >> 8, id & 0xff), uint32(value)]))
  return frame(types.settings, 0, 0, Buffer.concat(bytes))
}

export const settingsAck = frame(types.settings, flags.ack, 0)
export const ping = (text = 'ping ...', flag = 0): Buffer => frame(types.ping, flag, 0, text)
export const reset = (stream: number, code = 8): Buffer => frame(types.reset, 0, stream, uint32(code))
export const windowUpdate = (stream: number, increment: number): Buffer =>
  frame(types.windowUpdate, 0, stream, uint32(increment))
export const goaway = (last: number, code: number): Buffer => frame(types.goaway, 0, 0, uint32(last, code))
export const data = (stream: number, payload: Bytes, flag: number = flags.endStream): Buffer =>
  frame(types.data, flag, stream, payload)
export const headers = (
  stream: number,
  block: Bytes,
  flag: number = flags.endStream | flags.endHeaders,
): Buffer => frame(types.headers, flag, stream, block)
export const continuation = (stream: number, block: Bytes, flag: number = flags.endHeaders): Buffer =>
  frame(types.continuation, flag, stream, block)

export type Field = readonly [name: string, value: string]

/** Literals without indexing and without Huffman (RFC 7541, 6.2.2). */
export const encode = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), ...literal(name), ...literal(value)]))

export function literal(text: string): Buffer[] {
  const bytes = Buffer.from(text, 'latin1')
  return [integer(bytes.length, 7), bytes]
}

/** An integer with a prefix of so many bits (RFC 7541, 5.1). `first`: the bits before it. */
export function integer(value: number, bits: number, first = 0): Buffer {
  const most = 2 ** bits - 1
  if (value < most) return Buffer.of(first | value)
  const bytes = [first | most]
  let rest = value - most
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128)
  return Buffer.from([...bytes, rest])
}

/** The fields of a request, with others in place of some; undefined removes one. */
export function requestFields(changed: Readonly<Record<string, string | undefined>> = {}): Field[] {
  const all: Readonly<Record<string, string | undefined>> = {
    ':method': 'GET',
    ':scheme': 'http',
    ':authority': 'a',
    ':path': '/',
    ...changed,
  }
  return Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
}

export const request = (
  stream: number,
  changed: Readonly<Record<string, string | undefined>> = {},
  flag: number = flags.endStream | flags.endHeaders,
): Buffer => headers(stream, encode(requestFields(changed)), flag)

export interface Frame {
  readonly type: number
  readonly flag: number
  readonly stream: number
  readonly payload: Buffer
}

export class FrameClient {
  readonly socket: Socket
  readonly frames: Frame[] = []
  /** The error that has ended the connection. */
  error: Error | undefined
  #bytes: Buffer = Buffer.alloc(0)

  /** Over TLS for a URL of https, with any certificate. */
  constructor(url: string) {
    this.socket = url.startsWith('https:')
      ? tls.connect({
          host: new URL(url).hostname,
          port: Number(new URL(url).port),
          rejectUnauthorized: false,
          ALPNProtocols: ['h2'],
        })
      : connectTo(url)
    this.socket.setNoDelay(true)
    this.socket.on('error', (error) => (this.error = error))
    this.socket.on('data', (chunk: Buffer) => this.#take(chunk))
  }

  /** A client whose settings and those of the server are acknowledged; nothing is put into HPACK's table. */
  static async open(url: string, ...own: readonly (readonly [number, number])[]): Promise<FrameClient> {
    const client = new FrameClient(url)
    client.send(preface, settings([settingIds.tableSize, 0], ...own))
    await client.until('settings and their acknowledgement', () => client.of(types.settings).length >= 2)
    client.send(settingsAck)
    return client
  }

  get isClosed(): boolean {
    return this.socket.closed
  }

  send(...bytes: readonly Uint8Array[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(bytes))
  }

  /** Resolves when the bytes have left, which the server can delay by not reading. */
  async sendAll(bytes: Uint8Array): Promise<void> {
    if (this.socket.writable && !this.socket.write(bytes))
      await once(this.socket, 'drain').catch(() => undefined)
  }

  of(type: number, stream?: number): Frame[] {
    return this.frames.filter((each) => each.type === type && (stream ?? each.stream) === each.stream)
  }

  /** Resolves also when the connection has closed. */
  async until(what: string, condition: () => boolean, within?: number): Promise<void> {
    await eventually(
      what,
      () => condition() || this.isClosed || undefined,
      () => this.summary(),
      within,
    )
  }

  /** Resolves when the server has taken all that was sent, or has said GOAWAY, or has closed. */
  async isTaken(): Promise<void> {
    const before = this.of(types.ping).length
    this.send(ping())
    await this.until(
      'the response to PING',
      () => this.of(types.ping).length > before || this.of(types.goaway).length > 0,
    )
  }

  hasEnded(stream: number): boolean {
    const ends = this.frames.some(
      ({ type, flag, stream: own }) =>
        own === stream && (type === types.data || type === types.headers) && (flag & flags.endStream) !== 0,
    )
    return ends || this.of(types.reset, stream).length > 0
  }

  /** The code of GOAWAY, of RST_STREAM, or undefined. */
  codeOf(type: typeof types.goaway | typeof types.reset, stream?: number): string | undefined {
    const payload = this.of(type, stream).at(-1)?.payload
    return payload && errorCodes[payload.readUInt32BE(type === types.goaway ? 4 : 0)]
  }

  /** The status of the last head of a response. */
  statusOf(stream: number): number | undefined {
    const block = this.of(types.headers, stream).at(-1)?.payload
    return block && readStatus(block)
  }

  summary(): string {
    const name = (type: number): string =>
      Object.entries(types).find(([, value]) => value === type)?.[0] ?? String(type)
    return this.frames
      .map(({ type, flag, stream, payload }) => `${name(type)} ${flag} ${stream} ${payload.toString('hex')}`)
      .join('\n')
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    while (this.#bytes.length >= headLength) {
      const end = headLength + this.#bytes.readUIntBE(0, 3)
      if (this.#bytes.length < end) return
      const [type = 0, flag = 0] = this.#bytes.subarray(3, 5)
      const payload = Buffer.from(this.#bytes.subarray(headLength, end))
      this.frames.push({ type, flag, stream: this.#bytes.readUInt32BE(5), payload })
      this.#bytes = this.#bytes.subarray(end)
    }
  }
}

/** The statuses of HPACK's static table, from 8 on. */
const tableStatuses = [200, 204, 206, 304, 400, 404, 500]

/** `:status` is the first field. It is of the static table or a literal. */
function readStatus(block: Buffer): number | undefined {
  // A change of the table's size may be in front of it.
  const first = block.findIndex((byte) => byte >> 5 !== 1)
  const byte = block[first] ?? 0
  if (byte & 0x80) return tableStatuses[(byte & 0x7f) - 8]
  const length = block[first + 1] ?? 0
  const value = block.subarray(first + 2, first + 2 + (length & 0x7f))
  return Number(length & 0x80 ? digits(value) : value.toString())
}

/** Three digits in Huffman's code: 0 to 2 have 5 bits, the others 6 and begin with 011 (RFC 7541, B). */
function digits(bytes: Buffer): string {
  let bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  let text = ''
  while (text.length < 3) {
    const length = bits.startsWith('000') ? 5 : 6
    const code = parseInt(bits.slice(0, length), 2)
    text += String(length === 5 ? code : code - 0x16)
    bits = bits.slice(length)
  }
  return text
}
