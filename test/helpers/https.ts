// A strict HTTPS client: it trusts one authority and no other, and reports what the handshake was.

import https from 'node:https'
import { readFileSync } from 'node:fs'
import tls, { type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Authority } from './certificates.ts'
import type { HttpResponse } from './http.ts'

export interface SecureResponse extends HttpResponse {
  /** The serial number of the certificate that the server has shown. */
  readonly serial: string
  readonly protocol: string | null
  readonly resumed: boolean
}

export interface SecureOptions extends ConnectionOptions {
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly method?: string
  readonly body?: string | Buffer
}

/** `authority`: what the certificate of the server has to lead to. */
export function askSecurely(
  url: string,
  authority: Authority,
  options: SecureOptions = {},
): Promise<SecureResponse> {
  const { body, ...rest } = options
  const target = url.startsWith('https+unix:')
    ? { socketPath: url.slice('https+unix:'.length), servername: 'localhost' }
    : { host: new URL(url).hostname, port: new URL(url).port }
  return new Promise((resolve, reject) => {
    const request = https.request(
      { ...target, ca: readFileSync(authority.certfile), agent: false, ...rest },
      (response) => {
        const socket = response.socket as TLSSocket // of an https request
        const facts = {
          serial: socket.getPeerX509Certificate()?.serialNumber ?? '',
          protocol: socket.getProtocol(),
          resumed: socket.isSessionReused(),
        }
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () =>
          resolve({
            ...facts,
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(body)
  })
}

/** Connects, and resolves when the handshake is done. */
export function connectSecurely(
  url: string,
  authority: Authority,
  options: ConnectionOptions = {},
): Promise<TLSSocket> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const ca = readFileSync(authority.certfile)
    const socket = tls.connect({ host: hostname, port: Number(port), ca, ...options }, () => resolve(socket))
    socket.once('error', reject)
  })
}
