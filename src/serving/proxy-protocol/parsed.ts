// What the first bytes of a connection are, for a reader of the PROXY protocol
// (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt). Runs in a worker.

import type { Client } from '../forwarded/client.ts'

export type Parsed =
  /** The start of a header: more bytes are needed. */
  | { readonly kind: 'more' }
  /** Something else. */
  | { readonly kind: 'none' }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** `length`: of the header. `source`: the client; undefined when the proxy speaks for itself. */
  | { readonly kind: 'header'; readonly length: number; readonly source: Client | undefined }

export const more = { kind: 'more' } as const
export const none = { kind: 'none' } as const
export const invalid = (reason: string): Parsed => ({ kind: 'invalid', reason })
