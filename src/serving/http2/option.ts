// HTTP/2 as it is passed to the servers of a worker: node:http2 is loaded only with it.

import type { Http2Settings, Http2Sessions } from './sessions.ts'

export interface Http2Option {
  readonly Sessions: typeof Http2Sessions
  readonly settings: Http2Settings
  /** Clients of HTTP/1 are refused. */
  readonly isAlone: boolean
}
