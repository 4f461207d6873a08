// Sockets, requests and responses that exist only in memory, for the rules that need no network.

import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ClientLimits } from '../../../src/serving/http/options.ts'
import type { Connections } from '../../../src/serving/connections/table.ts'

/** What a client may send is not limited. */
export const noClientLimits: ClientLimits = {
  line: 0,
  fields: 0,
  fieldSize: 0,
  body: 0,
  headTime: 60_000,
  bodySilence: 0,
}

/** Closes only when the test says so, or when it is destroyed. */
export class FakeSocket extends EventEmitter {
  bytesRead = 0
  bytesWritten = 0
  writable = true
  destroyed = false
  keepsAlive = false
  remoteAddress: string | undefined = '10.0.0.1'
  /** What was done with it, in its order: chunks as text, `end`, `destroy` and `destroySoon`. */
  readonly log: string[] = []

  get socket(): Socket {
    return this as unknown as Socket // the members that are used
  }

  write(chunk: string | Uint8Array): boolean {
    this.log.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('hex'))
    this.bytesWritten += chunk.length
    return true
  }

  end(chunk?: string | Uint8Array): this {
    if (chunk !== undefined) this.write(chunk)
    this.log.push('end')
    return this
  }

  destroy(): this {
    this.log.push('destroy')
    this.close()
    return this
  }

  setKeepAlive(): void {
    this.keepsAlive = true
  }

  /** Node calls it when a socket is destroyed. */
  _destroy(): void {
    this.log.push('_destroy')
  }

  destroySoon(): void {
    this.log.push('destroySoon')
    this.close()
  }

  close(): void {
    if (this.destroyed) return
    this.destroyed = true
    this.writable = false
    this.emit('close')
  }
}

/** An open connection of the table, which is removed when its socket closes. */
export function connect(connections: Connections, now = 0): FakeSocket {
  const fake = new FakeSocket()
  connections.add(fake.socket, now)
  fake.on('close', () => connections.remove(fake.socket))
  return fake
}

export interface FakeResponse {
  readonly response: ServerResponse
  /** How often the rest of the body was discarded. */
  readonly resumed: () => number
}

export function fakeResponse(fake: FakeSocket, url = '/', more: object = {}): FakeResponse {
  let count = 0
  const req = {
    socket: fake,
    method: 'GET',
    url,
    complete: true,
    rawHeaders: [],
    resume: () => (count += 1),
    listenerCount: () => 0,
    destroy: (error: Error) => fake.log.push(`the body fails: ${error.message}`),
  }
  const response = {
    req,
    headersSent: false,
    writableEnded: false,
    shouldKeepAlive: true,
    detachSocket: () => undefined,
    assignSocket: () => undefined,
    destroy: () => undefined,
    ...more,
  }
  return { response: response as unknown as ServerResponse, resumed: () => count }
}
