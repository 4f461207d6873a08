// How a message lies on a socket of the bus. Client and broker; they run the same tsgun, except during an
// upgrade to another version, for which the greeting has a version. Pure.
//
//   0  u32  bytes of all that follows      14  u32  number of a request or a sync
//   4  u8   kind                           18  the topic
//   5  u8   bytes of the topic                 the payload: the data as a structured clone
//   6  f64  connection: from which a request comes, for which a reply is

export const headSize = 18
/** Bytes of the field that says how many bytes follow. */
export const lengthSize = 4

/** Of the greeting. A broker closes a connection of another version, which tries again later. */
export const wireVersion = 1

export const kinds = {
  message: 1,
  request: 2,
  reply: 3,
  /** A reply: what the handler has thrown. */
  failure: 4,
  /** A reply: no subscriber, its process has ended, or it has too many requests. */
  unheard: 5,
  lost: 6,
  busy: 7,
  subscribe: 8,
  unsubscribe: 9,
  /** Sent back when all before it is done; the first one when the broker begins to deliver. */
  sync: 10,
  /** The first frame of a client: who it is. */
  greeting: 11,
  /** How many messages a client has dropped itself. */
  dropped: 12,
  /** The broker ends: the client sends nothing more, reads to the end, and connects to the next one. */
  goodbye: 13,
} as const

export type KindNumber = (typeof kinds)[keyof typeof kinds]

/** What a frame begins with. */
export interface Head {
  readonly kind: KindNumber
  readonly connection?: number
  readonly id?: number
}

export interface Outgoing {
  readonly head: Head
  readonly topic: Uint8Array
  readonly payload: Uint8Array
}

export function sizeOf({ topic, payload }: Outgoing): number {
  return headSize + topic.length + payload.length
}

export function writeFrame(into: Buffer, at: number, { head, topic, payload }: Outgoing): void {
  const { kind, connection = 0, id = 0 } = head
  into.writeUInt32LE(headSize - lengthSize + topic.length + payload.length, at)
  into[at + 4] = kind
  into[at + 5] = topic.length
  into.writeDoubleLE(connection, at + 6)
  into.writeUInt32LE(id, at + 14)
  into.set(topic, at + headSize)
  into.set(payload, at + headSize + topic.length)
}

export const frameBytes = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at) + lengthSize
export const kindAt = (bytes: Buffer, at: number): number => bytes[at + 4] ?? 0
export const connectionAt = (bytes: Buffer, at: number): number => bytes.readDoubleLE(at + 6)
export const idAt = (bytes: Buffer, at: number): number => bytes.readUInt32LE(at + 14)

export function setConnection(bytes: Buffer, at: number, connection: number): void {
  bytes.writeDoubleLE(connection, at + 6)
}

const payloadAt = (bytes: Buffer, at: number): number => at + headSize + (bytes[at + 5] ?? 0)

export function topicAt(bytes: Buffer, at: number): string {
  return bytes.toString('utf8', at + headSize, payloadAt(bytes, at))
}

/** The topic as the characters of its bytes, which need not be decoded to be compared. */
export function rawTopicAt(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at + headSize, payloadAt(bytes, at))
}

export function payloadOf(bytes: Buffer, at: number, end: number): Buffer {
  return bytes.subarray(payloadAt(bytes, at), end)
}
