// Runs in a worker: watches a server of HTTP/2 that the app has created. Its requests are streams: they have
// access lines and counts, and a drain lets them end. The hooks of requests and `request_timeout` are for
// HTTP/1.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import { performance } from 'node:perf_hooks'
import type { AppServer, RequestEvent } from '../../app/model/app.ts'
import type { Connections } from '../connections/table.ts'
import type { WriteAccess } from '../records/access.ts'
import { intercept } from './intercept.ts'

export interface WatchHttp2 {
  readonly server: Http2Server
  readonly respond: AppServer['respond']
  readonly connections: Connections
  readonly writeAccess: WriteAccess | undefined
}

export function watchHttp2({ server, respond, connections, writeAccess }: WatchHttp2): void {
  intercept<IncomingMessage, ServerResponse>(server, (emit) => {
    // Node makes them of a stream that has been watched; what is left are requests of HTTP/1.
    const pass = (event: RequestEvent): ((request: IncomingMessage, response: ServerResponse) => unknown) => {
      const handle = respond?.(event)
      return (request, response) =>
        handle && request.httpVersionMajor > 1 ? handle(request, response) : emit(event, request, response)
    }
    return {
      request: pass('request'),
      others: {
        checkContinue: pass('checkContinue'),
        checkExpectation: pass('checkExpectation'),
        session: (session: ServerHttp2Session) => {
          connections.multiplex(connections.of(session.socket), session)
          emit('session', session)
        },
        stream: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: readonly unknown[]) => {
          watchStream(stream, headers)
          emit('stream', stream, headers, ...rest)
        },
      },
    }
  })

  function watchStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const begin = performance.now()
    const connection = stream.session && connections.of(stream.session.socket)
    const line = writeAccess?.stream(stream, headers, begin)
    connections.enter(connection)
    stream.once('close', () => {
      const now = performance.now()
      connections.leave(connection, now)
      line?.(now)
    })
  }
}
