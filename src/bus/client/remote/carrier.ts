// What carries the messages of servers on several machines: Redis or NATS. Types, and what both have in
// common.

import { messageOf } from '../../../os/error-message.ts'
import { kinds } from '../../wire/frame.ts'
import type { IncomingRequest, NoReply } from '../transport.ts'

export type Reply = { readonly as: 'reply' | 'failure'; readonly payload: Buffer } | { readonly as: NoReply }

export interface CarrierHandlers {
  /** `pattern`: of the subscription by which it has come; a message comes once for each. */
  readonly onMessage: (topic: string, payload: Buffer, pattern: string) => void
  readonly onRequest: (request: IncomingRequest) => void
  /** The server can be reached: also after each loss. */
  readonly onUp: () => void
  /** It cannot: it is tried again without end. */
  readonly onDown: (reason: string) => void
}

export interface Carrier {
  publish(topic: string, payload: Buffer): void
  /** Resolves when the server has all that was published. Rejects when the connection is lost. */
  flushed(): Promise<unknown>
  /** Undefined: there was no reply within `timeout` milliseconds. Rejects when the connection is lost. */
  request(topic: string, payload: Buffer, timeout: number): Promise<Reply | undefined>
  subscribe(pattern: string): void
  unsubscribe(pattern: string): void
  /** Resolves when all subscriptions up to now have an effect. */
  synced(): Promise<void>
}

export interface CarrierOptions {
  readonly url: string
  /** What all channels begin with. */
  readonly prefix: string
  readonly handlers: CarrierHandlers
}

/** Codes of Node.js: nothing leads from the certificate of the server to an authority that is trusted. */
const untrusted: readonly unknown[] = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]

/** Why the server cannot be reached, for the error log. */
export function whyDown(error: unknown): string {
  if (!(error instanceof Error && 'code' in error && untrusted.includes(error.code))) return messageOf(error)
  return `the authority of its certificate is not known: name it in NODE_EXTRA_CA_CERTS (${messageOf(error)})`
}

/** Channels: of messages, of requests to exactly a topic, and of those to wildcards. */
export const channels = { message: 'm', exact: 'q', wildcard: 'w', reply: 'r' } as const

const noReplies: readonly (readonly [kind: number, as: NoReply])[] = [
  [kinds.unheard, 'unheard'],
  [kinds.busy, 'busy'],
]

/** A reply is the bytes of its data; all else begins with a byte that no data begins with. */
export function packReply(reply: Reply): Buffer {
  if (reply.as === 'reply') return reply.payload
  if (reply.as === 'failure') return Buffer.concat([Buffer.from([kinds.failure]), reply.payload])
  const [kind = kinds.unheard] = noReplies.find(([, as]) => as === reply.as) ?? []
  return Buffer.from([kind])
}

export function unpackReply(bytes: Buffer): Reply {
  if (bytes[0] === kinds.failure) return { as: 'failure', payload: bytes.subarray(1) }
  const [, as] = noReplies.find(([kind]) => kind === bytes[0]) ?? []
  return as === undefined ? { as: 'reply', payload: bytes } : { as }
}

/** A request whose reply goes where `send` sends it. */
export function incoming(topic: string, payload: Buffer, send: (bytes: Buffer) => void): IncomingRequest {
  return {
    topic,
    payload,
    reply: (data) => send(packReply({ as: 'reply', payload: data })),
    fail: (error) => send(packReply({ as: 'failure', payload: error })),
    refuse: (why) => send(packReply({ as: why })),
  }
}
