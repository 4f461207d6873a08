// A real server and client of node:http2 in the process, for tests of what is between a stream and an app.

import { once } from 'node:events'
import {
  connect,
  createServer,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import type { TestContext } from 'node:test'
import type { ReceivedHead } from '../../../../src/serving/http2/present.ts'
import { StreamSocket } from '../../../../src/serving/http2/stream-socket.ts'

export interface Pair {
  readonly client: ClientHttp2Stream
  readonly stream: ServerHttp2Stream
  readonly socket: StreamSocket
  readonly head: ReceivedHead
  readonly carrier: Socket
}

export interface PairOptions {
  readonly headers?: OutgoingHttpHeaders
  /** The client sends a body. */
  readonly hasBody?: boolean
  readonly isTunnel?: boolean
  /** Bytes that the client takes without reading. */
  readonly window?: number
}

/** Opens one stream. */
export async function openStream(
  t: TestContext,
  { headers = {}, hasBody = false, isTunnel = false, window = 65_535 }: PairOptions = {},
): Promise<Pair> {
  const server = createServer({ settings: { enableConnectProtocol: true } })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : 0
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: window } })
  t.after(() => {
    session.destroy()
    server.close()
  })
  session.on('error', () => undefined) // of the stream too
  const opened = new Promise<Omit<Pair, 'client'>>((resolve) => {
    server.on('stream', (stream, received, flags, ...rest: readonly unknown[]) => {
      const carrier = stream.session?.socket
      if (carrier === undefined) return
      const rawHeaders = rest[0] as readonly string[] // which its type does not have
      const head = { headers: received, rawHeaders, isWhole: (flags & 1) !== 0 }
      const socket = new StreamSocket({ stream, carrier })
      if (isTunnel) socket.tunnel()
      resolve({ stream, carrier, head, socket })
    })
  })
  await once(session, 'remoteSettings')
  const client = session.request({ ':path': '/', ...headers }, { endStream: !hasBody && !isTunnel })
  client.on('error', () => undefined) // a test looks at rstCode
  return { client, ...(await opened) }
}

export interface Received {
  readonly headers: IncomingHttpHeaders
  readonly interim: readonly number[]
  readonly body: string
  readonly code: number
}

/** What the client gets until its stream closes. */
export async function received(client: ClientHttp2Stream): Promise<Received> {
  let headers: IncomingHttpHeaders = {}
  const interim: number[] = []
  let body = ''
  client.on('headers', (more) => interim.push(Number(more[':status'])))
  client.on('response', (got) => (headers = got))
  client.setEncoding('latin1').on('data', (chunk: string) => (body += chunk))
  await new Promise((resolve) => client.on('close', resolve))
  return { headers, interim, body, code: client.rstCode ?? 0 }
}
