// How messages between a caller and a task process lie on their socket. Both processes; they run the same
// tsgun. Pure.
//
//   0  u8   a mark                    4  u32  bytes of the value, with the table
//   1  u8   version of the format     8  u32  number of chunks
//   2  u8   kind of the message      12  the value: what ValueWriter writes
//   3  u8   flags                        the table: a u32 for each chunk, its bytes
//                                        the chunks: the bytes of large buffers, one after the other

const [mark, version] = [0x54, 1]

export const headSize = 12

/** Bytes of an entry of the table. */
export const entrySize = 4

/** The most bytes of a frame: structured clones of more are better shared than sent. */
export const largestFrame = 2 ** 31 - 1

/** The most chunks of a frame; further buffers are a part of the value. */
export const mostChunks = 1000

/** Kinds of messages with their numbers. */
export const kinds = { request: 1, begin: 2, progress: 3, result: 4, error: 5, refused: 6 } as const

export type Kind = keyof typeof kinds

const byNumber: ReadonlyMap<number, Kind> = new Map(
  Object.entries(kinds).map(([kind, number]) => [number, kind as Kind]), // the keys of the table
)

/** A message as it has arrived. */
export interface Frame {
  readonly kind: Kind
  readonly flags: number
  readonly value: Uint8Array
  /** Each has exactly its bytes. */
  readonly chunks: readonly Uint8Array<ArrayBuffer>[]
}

/** Something arrived that no tsgun of this version sends. */
export class BadFrame extends Error {}

export interface Head {
  readonly kind: Kind
  readonly flags: number
  /** Bytes. */
  readonly value: number
  readonly chunks: number
}

/** Where the flags are. */
export const flagsAt = 3

export function writeHead(into: Buffer, { kind, flags, value, chunks }: Head): void {
  into[0] = mark
  into[1] = version
  into[2] = kinds[kind]
  into[flagsAt] = flags
  into.writeUInt32LE(value, 4)
  into.writeUInt32LE(chunks, 8)
}

/** Reads the first bytes of a frame. Throws BadFrame. */
export function readHead(bytes: Buffer): Head {
  if (bytes[0] !== mark || bytes[1] !== version) throw new BadFrame('it does not begin as a frame')
  const kind = byNumber.get(bytes[2] ?? 0)
  if (kind === undefined) throw new BadFrame(`a message of the unknown kind ${bytes[2]}`)
  const value = bytes.readUInt32LE(4)
  const chunks = bytes.readUInt32LE(8)
  if (chunks > mostChunks) throw new BadFrame(`a message with ${chunks} chunks, at most ${mostChunks}`)
  if (value < chunks * entrySize) throw new BadFrame('a message shorter than its table of chunks')
  if (value > largestFrame) throw new BadFrame(`a message of ${value} bytes, at most ${largestFrame}`)
  return { kind, flags: bytes[flagsAt] ?? 0, value, chunks }
}

/** Reads the table at the end of the value: the bytes of each chunk. Throws BadFrame. */
export function readTable(value: Buffer, chunks: number): readonly number[] {
  const start = value.length - chunks * entrySize
  const sizes = Array.from({ length: chunks }, (_, index) => value.readUInt32LE(start + index * entrySize))
  const total = sizes.reduce((sum, size) => sum + size, value.length)
  if (total > largestFrame) throw new BadFrame(`a message of ${total} bytes, at most ${largestFrame}`)
  return sizes
}
