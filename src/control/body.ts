// Runs in the arbiter: reads the body of a request, and no more of it than is allowed.

import type { IncomingMessage } from 'node:http'
import { limits } from './protocol.ts'
import { Refusal } from './refusal.ts'

/**
 * Rejects with a Refusal for a body that is too large, and with the connection's error when it breaks off.
 */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((fulfil, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limits.body) chunks.push(chunk)
      else reject(new Refusal(413, `body: expected at most ${limits.body} bytes`))
    })
    request.once('end', () => fulfil(Buffer.concat(chunks).toString()))
    request.once('error', reject)
  })
}
