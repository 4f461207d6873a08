// What an HttpService needs to serve the app. A worker pays only for the parts that are there.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { App, ReportError, RequestHandler } from '../../app/model/app.ts'
import type { ClientLimit } from '../accept/client-limit.ts'
import type { Board } from '../connections/board.ts'
import type { EndingCalls } from '../connections/broken-off.ts'
import type { ForwardingSettings } from '../forwarded/peers.ts'
import type { ProxyProtocolSettings, Refused } from '../proxy-protocol/receive.ts'
import type { WriteAccess } from '../records/access.ts'
import type { RequestHooks } from '../requests/hooks.ts'
import type { Probe } from '../requests/probe.ts'
import type { RequestScope } from '../requests/request-scope.ts'
import type { Http2Option } from '../http2/option.ts'
import type { RequestLimit } from '../requests/timeouts.ts'
import type { TlsTermination } from '../tls/termination.ts'
import type { RequestLimits } from '../validity/check-request.ts'
import type { OnRefusal } from '../validity/validity.ts'

/** What a client may send, and how slowly. */
export interface ClientLimits extends RequestLimits {
  /** Milliseconds for the head of a request; 0 means no limit. */
  readonly headTime: number
  /** Milliseconds in which no byte of a body moves; 0 means no limit. */
  readonly bodySilence: number
}

export interface HttpOptions {
  readonly app: App
  /** Milliseconds; 0 closes each connection after its response. */
  readonly keepAlive: number
  /** Absent when there is no access log: then nothing is measured. */
  readonly writeAccess: WriteAccess | undefined
  /** Which proxies are trusted, and with what; without it none is. */
  readonly proxies?: (ForwardingSettings & ProxyProtocolSettings) | undefined
  /** A connection was closed, because its PROXY protocol header is missing or wrong. */
  readonly onProxyRefused?: ((refused: Refused, remoteAddress: string) => void) | undefined
  /** Absent when the config has neither pre_request nor post_request. */
  readonly requestHooks: RequestHooks | undefined
  readonly clientLimits: ClientLimits
  /** Absent when the connections of a client are not limited. */
  readonly clientLimit?: ClientLimit | undefined
  /** Absent when nothing asks for which request code runs. */
  readonly scope?: RequestScope | undefined
  /** Absent when requests have no time limit. */
  readonly requestLimit: RequestLimit | undefined
  /** Absent without `health_check`. */
  readonly probe: Probe | undefined
  /** Absent without `h2` in `http_protocols`. */
  readonly http2?: Http2Option | undefined
  /** Absent without a certificate. */
  readonly tls?: TlsTermination | undefined
  /** Where the watchdog thread reads the requests in flight; absent when there is no such thread. */
  readonly board: Board | undefined
  /** Absent where the calls are not available. */
  readonly calls?: EndingCalls | undefined
  /**
   * Called for each request that would leave HTTP/1, such as a WebSocket, which gets a 501 then; absent when
   * they are served.
   */
  readonly onNoUpgrade?: ((request: IncomingMessage) => void) | undefined
  /** Wraps what handles requests, for a worker class of the user; absent without one. */
  readonly admit?: ((app: RequestHandler) => RequestHandler) | undefined
  readonly report: ReportError
  readonly onRefusal?: OnRefusal | undefined
  /** A response with a status of 5xx was sent. */
  readonly onErrorResponse?: ((response: ServerResponse) => void) | undefined
}
