// Runs in a worker: looks at the first bytes of a connection before TLS does. A client that speaks plain HTTP
// gets an answer that it can read; with several certificates, or while one is ordered, what a client asks for
// is found.

import type { Socket } from 'node:net'
import { awaitFirstBytes } from '../accept/first-bytes.ts'
import { clientHelloIn, incomplete, type ClientHello } from './client-hello.ts'

/** ContentType `handshake` of a TLS record (RFC 8446, 5.1). */
const handshake = 0x16
/** Bytes. A ClientHello that is longer than a record goes to the first certificate. */
const longest = 16_384 + 5

export type Beginning =
  /** `hello`: undefined when it is not wanted, or too long. */
  | { readonly kind: 'tls'; readonly hello: ClientHello | undefined }
  /** The beginning of an HTTP request. */
  | { readonly kind: 'plain' }
  /** Not enough bytes have arrived in time, or ever will. */
  | { readonly kind: 'silent' }

export interface BeginningOptions {
  /** Milliseconds, however the client divides its bytes; 0 means no limit. */
  readonly patience: number
  /** Whether it is needed what the client asks for. */
  readonly wantsHello: boolean
}

/** Calls `onBegun` once; all bytes are still to be read from the socket then, unless it is silent. */
export function awaitBeginning(
  socket: Socket,
  { patience, wantsHello }: BeginningOptions,
  onBegun: (beginning: Beginning) => void,
): void {
  awaitFirstBytes(socket, { patience, decide: (bytes) => beginningOf(bytes, wantsHello) }, (outcome) =>
    onBegun(outcome.kind === 'known' ? outcome.value : { kind: 'silent' }),
  )
}

/** Undefined when more bytes have to arrive. */
export function beginningOf(bytes: Buffer, wantsHello: boolean): Beginning | undefined {
  if (isPlain(bytes[0])) return { kind: 'plain' }
  const hello = wantsHello ? clientHelloIn(bytes) : undefined
  if (hello === incomplete) return bytes.length > longest ? { kind: 'tls', hello: undefined } : undefined
  return { kind: 'tls', hello }
}

/** A letter of a method, or an empty line before it. What is neither is left to TLS, which refuses it. */
function isPlain(byte: number | undefined): boolean {
  if (byte === undefined || byte === handshake) return false
  return byte === 0x0a || byte === 0x0d || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}
