// A client of HTTP/2 with one connection; each request is a stream that resolves with its response.

import http2, { type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2'
import type { TestContext } from 'node:test'

export interface Answer {
  readonly status: number
  readonly headers: http2.IncomingHttpHeaders
  readonly body: string
  readonly interim: readonly number[]
}

/** One connection. */
export class Client {
  readonly session: ClientHttp2Session
  readonly #authority: string

  constructor(
    t: TestContext,
    { url }: { readonly url: string },
    options: http2.SecureClientSessionOptions = {},
  ) {
    this.#authority = new URL(url).host
    this.session = http2.connect(url, options)
    this.session.on('error', () => undefined) // of the requests too
    t.after(() => this.session.destroy())
  }

  ask(path: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Answer> {
    const stream = this.session.request(
      {
        ':path': path,
        ':authority': this.#authority,
        ...(body === undefined ? {} : { ':method': 'POST' }),
        ...headers,
      },
      { endStream: body === undefined },
    )
    if (body !== undefined) stream.end(body)
    return new Promise((resolve, reject) => {
      const interim: number[] = []
      let head: http2.IncomingHttpHeaders = {}
      let text = ''
      stream.on('headers', (more) => void interim.push(Number(more[':status'])))
      stream.on('response', (got) => (head = got))
      stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      stream.on('error', reject)
      stream.on('close', () =>
        stream.rstCode === http2.constants.NGHTTP2_NO_ERROR
          ? resolve({ status: Number(head[':status']), headers: head, body: text, interim })
          : reject(new Error(`the stream was reset with ${stream.rstCode}`)),
      )
    })
  }
}
