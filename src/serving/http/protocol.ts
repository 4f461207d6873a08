// Runs in a worker: what a server of the app speaks, by its properties: the servers of Node share methods but
// no class, and an app may load a copy of a class.

import type { Server as HttpServer } from 'node:http'
import type { Http2Server } from 'node:http2'
import type { Server } from 'node:net'

/** HTTP/1, with or without TLS; also a server of HTTP/2 that allows HTTP/1. */
export const isHttp = (server: Server): server is HttpServer => 'headersTimeout' in server

/** A server that does the handshakes of TLS itself. */
export const isTls = (server: Server): boolean => 'setSecureContext' in server

/** HTTP/2, with or without TLS. */
export const isHttp2 = (server: Server): server is Http2Server => 'updateSettings' in server
