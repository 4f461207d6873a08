// Runs in a worker: a request that offers to continue in HTTP/2 without TLS (`Upgrade: h2c`), as Java's
// HttpClient and `curl --http2` do. A server may ignore the offer (RFC 9110, 7.8), but Node treats each offer
// as an upgrade when the server has a listener for one, because of WebSockets. So the request is given back
// to the server without the offer.

import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

/** Headers that belong to the offer (RFC 7540, 3.2). */
const offering: ReadonlySet<string> = new Set(['upgrade', 'http2-settings'])

/** Whether the client offers HTTP/2 and nothing else. */
export function declinesUpgrade({ headers: { upgrade } }: IncomingMessage): boolean {
  return (
    upgrade !== undefined && upgrade.split(',').every((protocol) => /^h2c?(?:-\d+)?$/i.test(protocol.trim()))
  )
}

/** Gives the request back to the server. `head`: what has arrived after it. */
export function serveAsPlain(server: Server, request: IncomingMessage, socket: Socket, head: Buffer): void {
  socket.unshift(Buffer.concat([headWithoutOffer(request), head]))
  server.emit('connection', socket)
}

function headWithoutOffer({ method = '', url = '', httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`]
  for (let place = 0; place < rawHeaders.length; place += 2) {
    const [name = '', value = ''] = rawHeaders.slice(place, place + 2)
    const kept = name.toLowerCase() === 'connection' ? withoutTokens(value) : value
    if (!offering.has(name.toLowerCase()) && (kept !== '' || value === '')) lines.push(`${name}: ${kept}`)
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
}

/** A Connection header without the names of the headers that are left out. */
function withoutTokens(value: string): string {
  const tokens = value.split(',').map((token) => token.trim())
  return tokens.filter((token) => !offering.has(token.toLowerCase())).join(', ')
}
